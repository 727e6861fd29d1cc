import type { Message } from 'ratatoskr'
import { isDialect } from '../chain/stages.ts'
import type { SettingsValues } from './settings.ts'

/** Of the settings, what a reply that is continued was asked with. */
export type AskedWith = Pick<
  SettingsValues,
  'models' | 'baseURLs' | 'dialect' | 'simulation' | 'systemPrompt' | 'tools'
>

/** A reply that runs at a relay, and what was said before it. */
export interface RunningReply {
  id: string
  messages: readonly Message[]
  settings: Partial<AskedWith>
}

const item = 'ratatoskr.reply'

/** Keeps, in the tab's session storage, the one reply that would go on while the page is loaded anew. */
export class RunningReplies {
  readonly #storage: Storage | undefined

  constructor(storage?: Storage) {
    this.#storage = storage
  }

  keep(reply: RunningReply): void {
    try {
      this.#storage?.setItem(item, JSON.stringify(reply))
    } catch {
      // Storage that is full or forbidden: the reply is not continued after a reload.
      this.#storage?.removeItem(item)
    }
  }

  /** It is over; that of another id stays. */
  forget(id: string): void {
    if (this.read()?.id === id) this.#storage?.removeItem(item)
  }

  /** Nothing is to be continued any more. */
  clear(): void {
    this.#storage?.removeItem(item)
  }

  /** What was kept; undefined where nothing was, or what others left there. */
  read(): RunningReply | undefined {
    try {
      const stored: unknown = JSON.parse(this.#storage?.getItem(item) ?? 'null')
      return isRunningReply(stored) ? stored : undefined
    } catch {
      return undefined
    }
  }
}

function isRunningReply(value: unknown): value is RunningReply {
  return (
    isRecord(value) &&
    typeof value['id'] === 'string' &&
    Array.isArray(value['messages']) &&
    value['messages'].every(isMessage) &&
    isAskedWith(value['settings'])
  )
}

/** As far as the page looks into it; the rest is between the model and whoever made it. */
function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || typeof value['content'] !== 'string') return false
  const { role, toolCallId, toolCalls = [] } = value
  if (role === 'tool') return typeof toolCallId === 'string'
  const isAssistant = role === 'assistant' && Array.isArray(toolCalls) && toolCalls.every(isCall)
  return role === 'system' || role === 'user' || isAssistant
}

function isCall(value: unknown): boolean {
  return isRecord(value) && ['id', 'name', 'arguments'].every((name) => isText(value[name]))
}

function isAskedWith(value: unknown): value is Partial<AskedWith> {
  if (!isRecord(value)) return false
  const { models = {}, baseURLs = {}, simulation = whole, tools = [] } = value
  const { dialect = 'openai-chat', systemPrompt = '' } = value
  const isList = Array.isArray(tools) && tools.every(isText)
  return (
    [models, baseURLs, simulation].every(
      (one) => isRecord(one) && Object.values(one).every(isText),
    ) &&
    isRecord(simulation) &&
    Object.keys(whole).every((name) => name in simulation) &&
    isList &&
    isText(systemPrompt) &&
    isText(dialect) &&
    isDialect(dialect)
  )
}

const whole = { script: '', pace: '', fault: '' }

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isRecord(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
