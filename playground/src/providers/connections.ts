import type { Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { bedrock } from 'ratatoskr/bedrock'
import { browserAI } from 'ratatoskr/browser'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openai, openaiResponses } from 'ratatoskr/openai'
import { lmstudio, mistral, ollamaCompatible, openaiCompatible } from 'ratatoskr/openai-compatible'
import { openrouter } from 'ratatoskr/openrouter'
import type { Fetch } from '../chain/staged-provider.ts'
import type { DialectName } from '../chain/stages.ts'
import { lazyRelay } from '../relay/lazy-relay.ts'

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
  /** It runs in the browser itself: there is no address, and one model. */
  isInBrowser?: true
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
  | 'openai-responses'
  | 'anthropic'
  | 'google'
  | 'mistral'
  | 'cohere'
  | 'bedrock'
  | 'browser'
  | 'lmstudio'
  | 'ollama'
  | 'ollama-native'
  | 'relay'
  | 'custom'

const untried =
  'Whether it answers pages has not been tried. Where it cannot be reached, put a server of yours in between, and enter its address as the base URL.'

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
    id: 'openai-responses',
    label: 'OpenAI Responses',
    place: 'Hosted',
    dialect: 'openai-responses',
    key: 'required',
    usualURL: 'https://api.openai.com/v1',
    keyPage: 'https://platform.openai.com/api-keys',
    keyVariable: 'OPENAI_API_KEY',
    models: ['gpt-5-mini', 'gpt-5', 'gpt-4.1'],
    connect: openaiResponses,
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
    id: 'google',
    label: 'Google Gemini',
    place: 'Hosted',
    dialect: 'gemini',
    key: 'required',
    usualURL: 'https://generativelanguage.googleapis.com/v1beta',
    keyPage: 'https://aistudio.google.com/apikey',
    keyVariable: 'GEMINI_API_KEY',
    models: ['gemini-3-flash-preview', 'gemini-2.5-flash', 'gemini-2.5-pro'],
    connect: google,
  },
  {
    id: 'mistral',
    label: 'Mistral',
    place: 'Hosted',
    dialect: 'openai-chat',
    key: 'required',
    usualURL: 'https://api.mistral.ai/v1',
    keyPage: 'https://console.mistral.ai/api-keys',
    keyVariable: 'MISTRAL_API_KEY',
    models: ['mistral-small-latest', 'magistral-small-latest'],
    hint: untried,
    connect: mistral,
  },
  {
    id: 'cohere',
    label: 'Cohere',
    place: 'Hosted',
    dialect: 'cohere',
    key: 'required',
    usualURL: 'https://api.cohere.com/v2',
    keyPage: 'https://dashboard.cohere.com/api-keys',
    keyVariable: 'COHERE_API_KEY',
    models: ['command-a-03-2025', 'command-a-reasoning-08-2025'],
    hint: untried,
    connect: cohere,
  },
  {
    id: 'bedrock',
    label: 'Amazon Bedrock',
    place: 'Hosted',
    dialect: 'bedrock',
    key: 'required',
    usualURL: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    keyPage: 'https://console.aws.amazon.com/bedrock/home#/api-keys',
    keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
    models: ['amazon.nova-lite-v1:0', 'us.anthropic.claude-haiku-4-5-20251001-v1:0'],
    hint: `With an API key of Bedrock’s. The region stands in the address. ${untried}`,
    // An API key is not signed for a region: the address alone has it.
    connect: (to) => bedrock({ ...to, region: 'us-east-1' }),
  },
  {
    id: 'browser',
    label: 'This browser’s own model',
    place: 'On your machine',
    // It has no format: nothing comes over a wire.
    dialect: 'openai-chat',
    key: 'none',
    isInBrowser: true,
    models: ['on-device'],
    hint: 'In Chrome and Edge, on a strong computer. The browser downloads the model when it is first asked. Nothing passes over a network, so that the chain has chat events only.',
    connect: () => browserAI(),
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
    id: 'ollama-native',
    label: 'Ollama, its own format',
    place: 'On your machine',
    dialect: 'ollama',
    key: 'none',
    usualURL: 'http://localhost:11434',
    models: [],
    hint: 'A page from elsewhere than localhost must be allowed: start Ollama with OLLAMA_ORIGINS set to its origin.',
    connect: (to) => ollama(withoutKey(to)),
  },
  {
    id: 'relay',
    label: 'Relay',
    place: 'Your own',
    // It has one of its own: chat events.
    dialect: 'openai-chat',
    key: 'optional',
    models: [],
    hint: 'A server with @ratatoskr/relay has the providers’ keys, and goes on with a reply whose connection was lost. It must allow pages of this origin (CORS).',
    connect: (to) => lazyRelay(to),
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
