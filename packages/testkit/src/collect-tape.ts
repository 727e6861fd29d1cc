import { createGateway, user, type ChatResponse, type Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { bedrock } from 'ratatoskr/bedrock'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openaiResponses } from 'ratatoskr/openai'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { serviceAt } from './dialects/index.ts'
import type { DialectName } from './dialects/simulated-dialect.ts'
import { replay, type ReplayOptions } from './replay.ts'
import type { FetchLike } from './simulator.ts'
import type { Tape } from './tape.ts'

/** How {@link collectTape} reads. */
export interface CollectTapeOptions extends Omit<ReplayOptions, 'loop'> {
  /** Default: as the address on the tape tells, else `openai-chat`. */
  dialect?: DialectName
}

/**
 * Reads a tape as the gateway reads a reply, without a second try. Rejects as the reply failed: a
 * failed reply becomes a test in one line.
 *
 * @example
 * ```ts
 * import { collectTape, tapeFromBytes } from '@ratatoskr/testkit'
 *
 * const tape = tapeFromBytes('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
 * await collectTape(tape).catch((error) => console.log(error.code, error.partial.content))
 * ```
 */
export async function collectTape(
  tape: Tape,
  { dialect, ...options }: CollectTapeOptions = {},
): Promise<ChatResponse> {
  const path = /^[^?#]*/.exec(tape.request.url)?.[0] ?? ''
  const name = dialect ?? serviceAt(path)?.name ?? 'openai-chat'
  const provider = providers[name](replay(tape, options))
  const gateway = createGateway({ providers: [provider], retry: false })
  return gateway.chat([user('The reply is on tape.')], { model: 'tape' })
}

const baseURL = 'https://tape.test/v1'
const providers: { readonly [name in DialectName]: (fetch: FetchLike) => Provider } = {
  'openai-chat': (fetch) => openaiCompatible({ name: 'tape', baseURL, fetch }),
  anthropic: (fetch) => anthropic({ name: 'tape', baseURL, fetch, apiKey: 'none' }),
  'openai-responses': (fetch) => openaiResponses({ name: 'tape', baseURL, fetch, apiKey: 'none' }),
  gemini: (fetch) => google({ name: 'tape', baseURL, fetch, apiKey: 'none' }),
  ollama: (fetch) => ollama({ name: 'tape', baseURL: 'https://tape.test', fetch }),
  cohere: (fetch) => cohere({ name: 'tape', baseURL, fetch, apiKey: 'none' }),
  bedrock: (fetch) => bedrock({ name: 'tape', region: 'none', baseURL, fetch, apiKey: 'none' }),
}
