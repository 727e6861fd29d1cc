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
import type { TraceWriter } from '../chain/trace.ts'
import { simulatedURL } from '../simulated/simulation.ts'
import { tracedRelay } from '../relay/traced-relay.ts'
import type { Line, ReplyObserver } from '../state/conversation.ts'
import type { Settings } from '../state/settings.ts'
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
  /** Where the page's own server has a relay. */
  relay?: string | undefined
}

/** Opens replies as the settings say. */
export function createLine({ origin, fetch, simulated }: LineOptions): Line {
  const throughRelay = async (
    { target }: Settings,
    trace: TraceWriter,
    observer: ReplyObserver,
    resume?: string,
  ): Promise<Provider> => {
    const { record } = await kit()
    const { onId, onLink, onTape } = observer
    let connections = 0
    const recorder = record({
      fetch: toFetchLike(fetch),
      maxBytes: tapeLimit,
      onTape(tape) {
        if (tape.request.method === 'DELETE') return
        // Of a reply that came over several connections there is no whole tape.
        connections += 1
        onTape(connections === 1 ? tape : undefined)
      },
    })
    return tracedRelay(
      {
        ...target,
        fetch: (url, init) => recorder.fetch(url, init),
        onId,
        onLink,
        ...(resume !== undefined && { resume }),
      },
      trace,
    )
  }

  return {
    resumed: (settings, id, trace, observer) => throughRelay(settings, trace, observer, id),
    async provider(settings, trace, observer) {
      const { connection, values, target } = settings
      if (connection.id === 'relay') return throughRelay(settings, trace, observer)
      const { record } = await kit()
      const isSimulated = connection.id === 'simulated'
      const recorder = record({
        fetch: isSimulated ? toFetchLike(await simulated()) : toFetchLike(fetch),
        onTape: (tape) => observer.onTape(tape),
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
      const play = replay(tape, { speed })
      if (isRelays(tape)) {
        const to = { apiKey: '', baseURL: 'https://tape.invalid', tries: 0 }
        return tracedRelay({ ...to, fetch: (url, init) => play(url, init) }, trace)
      }
      const dialect = dialectOf(tape)
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
  const path = pathOf(tape)
  return paths.find(([, end]) => end.test(path))?.[0] ?? 'openai-chat'
}

/** Whether a relay's own protocol is on a tape: Ollama and Cohere have addresses that end alike. */
function isRelays(tape: Tape): boolean {
  const type = tape.response.headers['content-type'] ?? ''
  const path = pathOf(tape)
  return (
    /\/chat(\/[\w-]{22,32})?$/.test(path) && !path.endsWith('/v2/chat') && /event-stream/.test(type)
  )
}

function pathOf({ request }: Tape): string {
  return request.url.replace(/[?#].*/, '')
}

function toFetchLike(fetch: Fetch) {
  return (input: string | URL | Request, init: RequestInit = {}): Promise<Response> =>
    fetch(input instanceof Request ? input.url : String(input), init)
}
