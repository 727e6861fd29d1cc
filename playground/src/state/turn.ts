import { assistant, system, user, type Message, type ToolResultMessage } from 'ratatoskr'
import type { Tape } from '@ratatoskr/testkit'
import type { Reply } from './reply.ts'

/** One entry of the conversation. */
export type Turn = UserTurn | ResultsTurn | TapeTurn | ReplyTurn

/** What the user has said. */
export interface UserTurn {
  kind: 'user'
  text: string
}

/** What the user has given as the results of tool calls. */
export interface ResultsTurn {
  kind: 'results'
  results: readonly { name: string; message: ToolResultMessage }[]
}

/** A tape that was played. It is no part of what the model gets to know. */
export interface TapeTurn {
  kind: 'tape'
  title: string
  tape: Tape
}

export interface ReplyTurn {
  kind: 'reply'
  reply: Reply
  /** The reply comes from a tape. */
  isTape: boolean
}

/** The turns as the messages of a request. */
export function messagesOf(turns: readonly Turn[], systemPrompt: string): Message[] {
  const messages: Message[] = systemPrompt.trim() === '' ? [] : [system(systemPrompt)]
  for (const turn of turns) {
    if (turn.kind === 'user') messages.push(user(turn.text))
    else if (turn.kind === 'results') {
      messages.push(...turn.results.map(({ message }) => message))
    } else if (turn.kind === 'reply' && !turn.isTape) messages.push(...replyMessages(turn.reply))
  }
  return messages
}

function replyMessages({ state, message }: Reply): Message[] {
  if (message === undefined) return []
  if (state === 'complete') return [message]
  // Of a reply that is not whole only the text goes on: its calls never got results, and what a
  // provider has signed it takes back whole or not at all.
  return message.content === '' ? [] : [assistant(message.content)]
}
