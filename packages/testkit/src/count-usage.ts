import type { ChatEvent, Message, Usage } from 'ratatoskr'

/** Characters that count as a token. */
const perToken = 4

/**
 * Counts tokens in a plain way, the same each time: four characters are one, and what is begun
 * counts. The prompt is the text of all messages and calls, the completion all that was said.
 */
export function usageCounter(messages: readonly Message[]): {
  add(event: ChatEvent): void
  usage(): Usage
} {
  const promptTokens = tokens(messages.reduce((sum, message) => sum + lengthOf(message), 0))
  let completion = 0
  let reasoning = 0
  return {
    add(event) {
      if (event.type === 'content' || event.type === 'refusal') completion += event.text.length
      else if (event.type === 'reasoning') reasoning += event.text.length
      else if (event.type === 'tool_call_start') completion += event.name.length
      else if (event.type === 'tool_call_delta') completion += event.arguments.length
    },
    usage() {
      const completionTokens = tokens(completion + reasoning)
      return {
        promptTokens,
        completionTokens,
        totalTokens: promptTokens + completionTokens,
        ...(reasoning > 0 && { reasoningTokens: tokens(reasoning) }),
      }
    },
  }
}

function tokens(characters: number): number {
  return Math.ceil(characters / perToken)
}

function lengthOf(message: Message): number {
  const { content } = message
  const texts = typeof content === 'string' ? [content] : content.map(textOfPart)
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : []
  for (const { name, arguments: args } of calls) texts.push(name, args)
  return texts.reduce((sum, text) => sum + text.length, 0)
}

function textOfPart(part: { type: string; text?: string }): string {
  return part.text ?? ''
}
