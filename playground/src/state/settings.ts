import type { ChatOptions, ReasoningOptions } from 'ratatoskr'
import type { DialectName } from '../chain/stages.ts'
import { Observable } from '../observable.ts'
import {
  connectionOf,
  type Connection,
  type ConnectionId,
  type ConnectTo,
} from '../providers/connections.ts'
import { relayedModel, simulatedModel } from '../relay/relayed-simulation.ts'
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

/** A setting with which nothing can be sent. */
export interface SettingsProblem {
  /** The id of its field. */
  field: 'key' | 'base-url' | 'model' | 'temperature' | 'max-tokens'
  /** What to do, as a sentence. */
  text: string
}

/**
 * The settings. Keys are kept apart from the rest: in memory, and in the tab's session storage only
 * while that is asked for. Nothing else is stored.
 */
export class Settings extends Observable {
  values: SettingsValues
  readonly #keys: Map<string, string>
  /** Keys that the dev server found in its environment, by connection. */
  #serverKeys: ReadonlyMap<string, string> = new Map()
  /** Where the page’s own server has a relay. */
  readonly ownRelay: string | undefined
  readonly #storage: Storage | undefined

  constructor(storage?: Storage, ownRelay?: string) {
    super()
    this.#storage = storage
    this.ownRelay = ownRelay
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
    const { id, models } = this.connection
    const first = this.isOwnRelay ? simulatedModel : models[0]
    return this.values.models[id] ?? first ?? ''
  }

  set model(model: string) {
    this.change({ models: { ...this.values.models, [this.connection.id]: model } })
  }

  /** The model's name as it is sent: that of the relay's simulated provider says what it plays. */
  get sentModel(): string {
    const { simulation, dialect } = this.values
    const isRelayed = this.connection.id === 'relay' && this.isSimulated
    return isRelayed ? relayedModel(simulation, dialect) : this.model
  }

  /** Whether the simulated provider answers, itself or through a relay. */
  get isSimulated(): boolean {
    const { id } = this.connection
    return id === 'simulated' || (id === 'relay' && this.model === simulatedModel)
  }

  /** Whether it is the relay of the page's own server that is asked. */
  get isOwnRelay(): boolean {
    const { ownRelay, baseURL, connection } = this
    return connection.id === 'relay' && ownRelay !== undefined && baseURL.trim() === ''
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
    return this.#keys.get(this.#keyName) ?? ''
  }

  set key(key: string) {
    if (key === '') this.#keys.delete(this.#keyName)
    else this.#keys.set(this.#keyName, key)
    this.#store()
    this.changed()
  }

  /** Connections that take their key from the same variable have the same one. */
  get #keyName(): string {
    return this.connection.keyVariable ?? this.connection.id
  }

  /** What the connection is told: the key, and the address where it is not the usual one. */
  get target(): Omit<ConnectTo, 'fetch'> {
    const own = this.isOwnRelay ? this.ownRelay : undefined
    const baseURL = own ?? this.baseURL.trim()
    return { apiKey: this.key.trim() || this.serverKey, ...(baseURL !== '' && { baseURL }) }
  }

  /** The key from the dev server's environment. */
  get serverKey(): string {
    return this.#serverKeys.get(this.connection.id) ?? ''
  }

  set serverKeys(keys: ReadonlyMap<string, string>) {
    this.#serverKeys = keys
    this.changed()
  }

  /** What has to be mended before anything can be sent; undefined when nothing has. */
  get problem(): SettingsProblem | undefined {
    const { connection, values } = this
    const { label } = connection
    const key = this.key.trim()
    if (connection.key === 'required' && key === '' && this.serverKey === '') {
      return { field: 'key', text: `Enter a key for ${label}.` }
    }
    // Others do not fit into a header.
    if (connection.key !== 'none' && !/^[\x21-\x7E]*$/.test(key)) {
      return { field: 'key', text: 'The key holds characters that no key has. Copy it again.' }
    }
    const needed = this.isOwnRelay ? undefined : neededAddresses[connection.id]
    const address = addressProblem(this.baseURL.trim(), needed)
    if (address !== undefined) return { field: 'base-url', text: address }
    if (this.model.trim() === '') return { field: 'model', text: 'Enter the name of a model.' }
    if (values.temperature !== '' && !isNumber(values.temperature, 0, 2)) {
      const text = 'The temperature must be a number from 0 to 2, or empty.'
      return { field: 'temperature', text }
    }
    if (
      values.maxTokens !== '' &&
      !(isNumber(values.maxTokens, 1, Infinity) && Number.isSafeInteger(Number(values.maxTokens)))
    ) {
      const text = 'Maximum tokens must be a whole number above 0, or empty.'
      return { field: 'max-tokens', text }
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

/** What to do where there is no usual address. */
const neededAddresses: { readonly [id in ConnectionId]?: string } = {
  custom: 'Enter the base URL of the server.',
  relay: 'Enter the base URL of a relay: this page comes without a server that has one.',
}

function addressProblem(address: string, needed: string | undefined): string | undefined {
  if (address === '') return needed
  if (!/^https?:/.test(address)) return 'The base URL must begin with https:// or http://.'
  if (!URL.canParse(address)) {
    return 'The base URL is no address. It looks like https://llm.example.com/v1.'
  }
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') {
    return 'The base URL must not hold a name or password. A key has its own field.'
  }
  if (url.search !== '' || url.hash !== '') return 'The base URL must end before any ? or #.'
  // The page's policy: https anywhere, http on this machine.
  const isNear = ['localhost', '127.0.0.1'].includes(url.hostname) || url.origin === location.origin
  if (url.protocol === 'http:' && !isNear) {
    return 'A base URL with http: must be at localhost or 127.0.0.1; anywhere else use https:.'
  }
  return undefined
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
