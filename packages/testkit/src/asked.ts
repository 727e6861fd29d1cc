import type { ChatOptions, Message } from 'ratatoskr'
import type { DialectName } from './dialects/simulated-dialect.ts'

/** A request, as a script may look at it. */
export interface Asked {
  dialect: DialectName
  url: string
  /** As they came, keys included. */
  headers: Headers
  /** The body as it came. */
  body: unknown
  model: string
  messages: Message[]
  options: ChatOptions & { model: string }
  stream: boolean
}

/** The text that the user wrote last; '' where there is none. */
export function lastUserText(messages: readonly Message[]): string {
  const last = messages[messages.map(({ role }) => role).lastIndexOf('user')]
  if (last?.role !== 'user') return ''
  const { content } = last
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join(' ')
}

/** The beginning of a text in one line, for a quotation. */
export function quote(text: string, most = 200): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most).trimEnd()}…` : line
}
