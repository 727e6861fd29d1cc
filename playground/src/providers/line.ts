import type { Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { bedrock } from 'ratatoskr/bedrock'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openaiResponses } from 'ratatoskr/openai'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import type { Tape } from '@ratatoskr/testkit'
import { stagedProvider, type Fetch } from '../chain/staged-provider.ts'
import type { DialectName } from '../chain/stages.ts'
import { simulatedURL } from '../simulated/simulation.ts'
import type { Line } from '../state/conversation.ts'
import { kit } from '../tapes/kit.ts'
import type { ConnectTo } from './connections.ts'

/** Of a longer reply there is no tape: memory stays flat. Bytes. */
const tapeLimit = 8 * 1024 * 1024

/** What the page talks to. */
export interface LineOptions {
  /** Where the simulated provider is. */
  origin: string
  /** Used for everything that goes over the network. */
  fetch: Fetch
  /** Used for the simulated provider. */
  simulated: () => Promise<Fetch>
}

/** Opens replies as the settings say. */
export function createLine({ origin, fetch, simulated }: LineOptions): Line {
  return {
    async provider({ connection, values, target }, trace, onTape) {
      const { record } = await kit()
      const isSimulated = connection.id === 'simulated'
      const recorder = record({
        fetch: isSimulated ? toFetchLike(await simulated()) : toFetchLike(fetch),
        onTape,
        maxBytes: tapeLimit,
      })
      const dialect = isSimulated ? values.dialect : connection.dialect
      const connect = isSimulated ? byDialect[dialect] : connection.connect
      const to = isSimulated
        ? { apiKey: '', baseURL: simulatedURL(origin, values.simulation) }
        : target
      return stagedProvider({
        connect: (own) => connect({ ...to, fetch: own }),
        fetch: (url, init) => recorder.fetch(url, init),
        dialect,
        trace,
      })
    },
    async player(tape, speed, trace) {
      const { replay } = await kit()
      const dialect = dialectOf(tape)
      const play = replay(tape, { speed })
      return stagedProvider({
        connect: (own) => byDialect[dialect]({ baseURL: 'https://tape.invalid/v1', fetch: own }),
        fetch: (url, init) => play(url, init),
        dialect,
        trace,
      })
    },
  }
}

/** Providers of each format that need no key, as the simulator and tapes have them. */
export const byDialect: {
  readonly [name in DialectName]: (to: Omit<ConnectTo, 'apiKey'>) => Provider
} = {
  'openai-chat': ({ baseURL = '', fetch }) =>
    openaiCompatible({ name: 'simulated', baseURL, fetch }),
  'openai-responses': (to) => openaiResponses({ ...to, ...simulated }),
  anthropic: (to) => anthropic({ ...to, ...simulated }),
  gemini: (to) => google({ ...to, ...simulated }),
  ollama: (to) => ollama({ ...to, name: 'simulated' }),
  // Its path begins with the version, which the address of the simulator ends with.
  cohere: ({ baseURL = '', fetch }) =>
    cohere({ ...simulated, baseURL: baseURL.replace(/v1$/, 'v2'), fetch }),
  bedrock: (to) => bedrock({ ...to, ...simulated, region: 'simulated' }),
}

const simulated = { name: 'simulated', apiKey: 'none' }

/** The ends of the addresses of each format but the first. */
const paths: readonly (readonly [DialectName, RegExp])[] = [
  ['anthropic', /\/messages$/],
  ['openai-responses', /\/responses$/],
  ['gemini', /:(streamG|g)enerateContent$/],
  ['ollama', /\/api\/chat$/],
  ['cohere', /\/v2\/chat$/],
  ['bedrock', /\/converse-stream$/],
]

/** The format that is on a tape, as its address tells. */
function dialectOf(tape: Tape): DialectName {
  const path = tape.request.url.replace(/[?#].*/, '')
  return paths.find(([, end]) => end.test(path))?.[0] ?? 'openai-chat'
}

function toFetchLike(fetch: Fetch) {
  return (input: string | URL | Request, init: RequestInit = {}): Promise<Response> =>
    fetch(input instanceof Request ? input.url : String(input), init)
}
