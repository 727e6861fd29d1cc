import type { Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
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
    async provider({ connection, values, baseURL: typed, key, serverKey }, trace, onTape) {
      const { record } = await kit()
      const isSimulated = connection.id === 'simulated'
      const recorder = record({
        fetch: isSimulated ? toFetchLike(await simulated()) : toFetchLike(fetch),
        onTape,
        maxBytes: tapeLimit,
      })
      const baseURL = isSimulated ? simulatedURL(origin, values.simulation) : typed.trim()
      const dialect = isSimulated ? values.dialect : connection.dialect
      const connect = isSimulated ? byDialect[dialect] : connection.connect
      const to = { apiKey: key.trim() || serverKey, ...(baseURL !== '' && { baseURL }) }
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
        connect: (own) =>
          byDialect[dialect]({ apiKey: '', baseURL: 'https://tape.invalid/v1', fetch: own }),
        fetch: (url, init) => play(url, init),
        dialect,
        trace,
      })
    },
  }
}

/** Providers that need no key. */
const byDialect: { readonly [name in DialectName]: (to: ConnectTo) => Provider } = {
  'openai-chat': ({ baseURL = '', fetch }) =>
    openaiCompatible({ name: 'simulated', baseURL, fetch }),
  anthropic: ({ baseURL = '', fetch }) =>
    anthropic({ name: 'simulated', apiKey: 'none', baseURL, fetch }),
}

/** The format that is on a tape, as its address tells. */
function dialectOf(tape: Tape): DialectName {
  const path = tape.request.url.replace(/[?#].*/, '')
  return path.endsWith('/messages') ? 'anthropic' : 'openai-chat'
}

function toFetchLike(fetch: Fetch) {
  return (input: string | URL | Request, init: RequestInit = {}): Promise<Response> =>
    fetch(input instanceof Request ? input.url : String(input), init)
}
