import type { ChatOptions, ReasoningOptions } from 'ratatoskr'
import type { DialectName } from '../chain/stages.ts'
import { Observable } from '../observable.ts'
import { connectionOf, type Connection, type ConnectionId } from '../providers/connections.ts'
import type { Simulation } from '../simulated/simulation.ts'
import { exampleTools } from './example-tools.ts'

/** How hard the model thinks; empty where that is left to it. */
export type Effort = '' | NonNullable<ReasoningOptions['effort']>

/** What stands in the fields, as text where it is text. */
export interface SettingsValues {
  connection: ConnectionId
  /** Of each connection, what was typed. */
  models: { readonly [id: string]: string }
  baseURLs: { readonly [id: string]: string }
  /** What the simulated provider speaks. */
  dialect: DialectName
  simulation: Simulation
  systemPrompt: string
  temperature: string
  maxTokens: string
  effort: Effort
  tools: readonly string[]
  /** Keep keys in this tab's session storage. */
  rememberKeys: boolean
}

/** How the page begins. */
export const defaultSettings: SettingsValues = {
  connection: 'simulated',
  models: {},
  baseURLs: {},
  dialect: 'openai-chat',
  simulation: { script: 'auto', pace: 'steady', fault: 'none' },
  systemPrompt: '',
  temperature: '',
  maxTokens: '',
  effort: '',
  tools: [],
  rememberKeys: false,
}

const keysItem = 'ratatoskr.keys'

/**
 * The settings. Keys are kept apart from the rest: in memory, and in the tab's session storage only
 * while that is asked for. Nothing else is stored.
 */
export class Settings extends Observable {
  values: SettingsValues
  readonly #keys: Map<string, string>
  /** Keys that the dev server found in its environment, by connection. */
  #serverKeys: ReadonlyMap<string, string> = new Map()
  readonly #storage: Storage | undefined

  constructor(storage?: Storage) {
    super()
    this.#storage = storage
    this.#keys = readKeys(storage)
    this.values = { ...defaultSettings, rememberKeys: this.#keys.size > 0 }
  }

  change(values: Partial<SettingsValues>): void {
    this.values = { ...this.values, ...values }
    if (values.rememberKeys !== undefined) this.#store()
    this.changed()
  }

  get connection(): Connection {
    return connectionOf(this.values.connection)
  }

  /** What was typed as the model's name, or the first that is suggested. */
  get model(): string {
    return this.values.models[this.connection.id] ?? this.connection.models[0] ?? ''
  }

  set model(model: string) {
    this.change({ models: { ...this.values.models, [this.connection.id]: model } })
  }

  /** The address that was typed; empty where the provider's usual one is meant. */
  get baseURL(): string {
    return this.values.baseURLs[this.connection.id] ?? ''
  }

  set baseURL(baseURL: string) {
    this.change({ baseURLs: { ...this.values.baseURLs, [this.connection.id]: baseURL } })
  }

  /** What the simulated provider does; what is not named stays. */
  simulate(change: Partial<Simulation>): void {
    this.change({ simulation: { ...this.values.simulation, ...change } })
  }

  /** The key that was typed. */
  get key(): string {
    return this.#keys.get(this.connection.id) ?? ''
  }

  set key(key: string) {
    if (key === '') this.#keys.delete(this.connection.id)
    else this.#keys.set(this.connection.id, key)
    this.#store()
    this.changed()
  }

  /** The key from the dev server's environment. */
  get serverKey(): string {
    return this.#serverKeys.get(this.connection.id) ?? ''
  }

  set serverKeys(keys: ReadonlyMap<string, string>) {
    this.#serverKeys = keys
    this.changed()
  }

  /** What is missing before anything can be sent, as a sentence; undefined when nothing is. */
  get problem(): string | undefined {
    const { connection, values } = this
    if (connection.key === 'required' && this.key.trim() === '' && this.serverKey === '') {
      return `Enter a key for ${connection.label}.`
    }
    const baseURL = this.baseURL.trim()
    if (connection.id === 'custom' && baseURL === '') return 'Enter the base URL of the server.'
    if (baseURL !== '' && !/^https?:\/\/./.test(baseURL)) {
      return 'The base URL must begin with https:// or http://.'
    }
    if (this.model.trim() === '') return 'Enter the name of a model.'
    if (values.temperature !== '' && !isNumber(values.temperature, 0, 2)) {
      return 'The temperature must be a number from 0 to 2, or empty.'
    }
    if (
      values.maxTokens !== '' &&
      !(isNumber(values.maxTokens, 1, Infinity) && Number.isInteger(Number(values.maxTokens)))
    ) {
      return 'Maximum tokens must be a whole number above 0, or empty.'
    }
    return undefined
  }

  /** What is asked of the model, without its name. */
  get chatOptions(): Omit<ChatOptions, 'model'> {
    const { temperature, maxTokens, effort, tools } = this.values
    const offered = exampleTools
      .filter(({ definition }) => tools.includes(definition.name))
      .map(({ definition }) => definition)
    return {
      ...(temperature !== '' && { temperature: Number(temperature) }),
      ...(maxTokens !== '' && { maxTokens: Number(maxTokens) }),
      ...(effort !== '' && { reasoning: { effort } }),
      ...(offered.length > 0 && { tools: offered }),
    }
  }

  #store(): void {
    try {
      if (this.values.rememberKeys && this.#keys.size > 0) {
        this.#storage?.setItem(keysItem, JSON.stringify([...this.#keys]))
      } else {
        this.#storage?.removeItem(keysItem)
      }
    } catch {
      // Storage that is full or forbidden: the keys stay in memory.
    }
  }
}

function isNumber(text: string, least: number, most: number): boolean {
  const number = Number(text)
  return text.trim() !== '' && number >= least && number <= most
}

function readKeys(storage: Storage | undefined): Map<string, string> {
  const keys = new Map<string, string>()
  try {
    const stored: unknown = JSON.parse(storage?.getItem(keysItem) ?? '[]')
    for (const entry of Array.isArray(stored) ? stored : []) {
      if (!Array.isArray(entry)) continue
      const id: unknown = entry[0]
      const key: unknown = entry[1]
      if (typeof id === 'string' && typeof key === 'string') keys.set(id, key)
    }
  } catch {
    // Not what this page has written.
  }
  return keys
}
