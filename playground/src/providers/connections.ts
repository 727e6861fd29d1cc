import type { Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openai } from 'ratatoskr/openai'
import { lmstudio, ollamaCompatible, openaiCompatible } from 'ratatoskr/openai-compatible'
import { openrouter } from 'ratatoskr/openrouter'
import type { Fetch } from '../chain/staged-provider.ts'
import type { DialectName } from '../chain/stages.ts'

/** What the settings say of a connection. */
export interface ConnectTo {
  apiKey: string
  /** Where it is, if not where such a provider usually is. */
  baseURL?: string
  fetch: Fetch
}

/** A provider that the page can talk to. */
export interface Connection {
  id: ConnectionId
  label: string
  /** Where it runs: the heading in the list. */
  place: 'In this page' | 'Hosted' | 'On your machine' | 'Your own'
  dialect: DialectName
  key: 'required' | 'optional' | 'none'
  /** Where to get a key. */
  keyPage?: string
  /** The name of the environment variable from which the dev server takes a key. */
  keyVariable?: string
  /** Where such a provider usually is. */
  usualURL?: string
  /** Some of its models, to choose from or to type over. */
  models: readonly string[]
  /** What has to be done before it works from a page. */
  hint?: string
  connect: (to: ConnectTo) => Provider
}

export type ConnectionId =
  | 'simulated'
  | 'openrouter'
  | 'openai'
  | 'anthropic'
  | 'lmstudio'
  | 'ollama'
  | 'custom'

/** All of them, in the order of the list. */
export const connections: readonly Connection[] = [
  {
    id: 'simulated',
    label: 'Simulated provider',
    place: 'In this page',
    dialect: 'openai-chat',
    key: 'none',
    models: ['squirrel-1'],
    connect: ({ fetch, baseURL = '' }) => openaiCompatible({ name: 'simulated', baseURL, fetch }),
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    place: 'Hosted',
    dialect: 'openai-chat',
    key: 'required',
    usualURL: 'https://openrouter.ai/api/v1',
    keyPage: 'https://openrouter.ai/settings/keys',
    keyVariable: 'OPENROUTER_API_KEY',
    models: ['anthropic/claude-sonnet-4', 'openai/gpt-5-mini', 'google/gemini-2.5-flash'],
    connect: openrouter,
  },
  {
    id: 'openai',
    label: 'OpenAI',
    place: 'Hosted',
    dialect: 'openai-chat',
    key: 'required',
    usualURL: 'https://api.openai.com/v1',
    keyPage: 'https://platform.openai.com/api-keys',
    keyVariable: 'OPENAI_API_KEY',
    models: ['gpt-5-mini', 'gpt-5', 'gpt-4.1'],
    connect: openai,
  },
  {
    id: 'anthropic',
    label: 'Anthropic',
    place: 'Hosted',
    dialect: 'anthropic',
    key: 'required',
    usualURL: 'https://api.anthropic.com/v1',
    keyPage: 'https://platform.claude.com/settings/keys',
    keyVariable: 'ANTHROPIC_API_KEY',
    models: ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'],
    connect: anthropic,
  },
  {
    id: 'lmstudio',
    label: 'LM Studio',
    place: 'On your machine',
    dialect: 'openai-chat',
    key: 'none',
    usualURL: 'http://localhost:1234/v1',
    models: [],
    hint: 'In LM Studio start the server, with “Enable CORS” switched on.',
    connect: (to) => lmstudio(withoutKey(to)),
  },
  {
    id: 'ollama',
    label: 'Ollama',
    place: 'On your machine',
    dialect: 'openai-chat',
    key: 'none',
    usualURL: 'http://localhost:11434/v1',
    models: [],
    hint: 'A page from elsewhere than localhost must be allowed: start Ollama with OLLAMA_ORIGINS set to its origin.',
    connect: (to) => ollamaCompatible(withoutKey(to)),
  },
  {
    id: 'custom',
    label: 'Another OpenAI-compatible server',
    place: 'Your own',
    dialect: 'openai-chat',
    key: 'optional',
    models: [],
    hint: 'Any server that has POST …/chat/completions and allows requests from pages (CORS).',
    connect: ({ apiKey, baseURL = '', fetch }) =>
      openaiCompatible({ name: 'custom', baseURL, fetch, ...(apiKey !== '' && { apiKey }) }),
  },
]

function withoutKey({ baseURL, fetch }: ConnectTo): Omit<ConnectTo, 'apiKey'> {
  return { fetch, ...(baseURL !== undefined && { baseURL }) }
}

/** The connection of an id; the simulated one where there is none. */
export function connectionOf(id: string): Connection {
  const found = connections.find((connection) => connection.id === id) ?? connections[0]
  if (found === undefined) throw new Error('There are no connections.')
  return found
}
