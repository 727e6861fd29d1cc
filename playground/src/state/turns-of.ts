import type { AssistantMessage, Message } from 'ratatoskr'
import { GrowingText } from './growing-text.ts'
import { Reply } from './reply.ts'
import type { Turn } from './turn.ts'

/** The messages of a request as turns: the way back from `messagesOf`, but for the system prompt. */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const names = new Map<string, string>()
  return messages.flatMap((message): Turn[] => {
    switch (message.role) {
      case 'system':
        return []
      case 'user':
        return [{ kind: 'user', text: textOf(message.content) }]
      case 'assistant':
        for (const { id, name } of message.toolCalls ?? []) names.set(id, name)
        return [{ kind: 'reply', reply: replyOf(message), isTape: false }]
      case 'tool': {
        const name = names.get(message.toolCallId) ?? message.toolCallId
        return [{ kind: 'results', results: [{ name, message }] }]
      }
    }
  })
}

function replyOf(message: AssistantMessage): Reply {
  const reply = new Reply('Before the page was loaded anew')
  reply.content.append(message.content)
  reply.reasoning.append(message.reasoning ?? '')
  reply.refusal.append(message.refusal ?? '')
  for (const { id, name, arguments: text } of message.toolCalls ?? []) {
    const given = new GrowingText()
    given.append(text)
    reply.calls.push({ id, name, arguments: given, state: 'complete' })
  }
  reply.images.push(...(message.images ?? []))
  reply.complete(message, undefined)
  return reply
}

function textOf(content: Extract<Message, { role: 'user' }>['content']): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : `(${part.type})`)).join('\n')
}
