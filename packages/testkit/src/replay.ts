import { RatatoskrError } from 'ratatoskr'
import { check, checkFaults, checkSplit } from './check-setup.ts'
import { byteStream, pause } from './byte-stream.ts'
import { serviceAt } from './dialects/index.ts'
import type { Fault } from './fault.ts'
import type { FetchLike } from './simulator.ts'
import { splitStream, type Split } from './split.ts'
import { bytesOf, type Tape } from './tape.ts'
import { withFaults } from './with-faults.ts'

/** How a tape is played. */
export interface ReplayOptions {
  /** 1 is as fast as it was recorded, 2 twice as fast. Default: `Infinity`, without any pause. */
  speed?: number
  /** How the bytes are cut into chunks. Default: as they were. */
  split?: Split
  /** What goes wrong besides what is on the tape. */
  faults?: readonly Fault[]
  /** Begin again after the last of several tapes. Default: false. */
  loop?: boolean
}

/**
 * Plays a tape: a `fetch` that answers every request with it, whatever is asked. Of several tapes
 * it plays one after the other, and fails when none is left.
 *
 * A reply that its reader gave up ends on the tape where it was given up.
 *
 * @example
 * ```ts
 * import { createGateway, user } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 * import { replay, tapeFromBytes } from '@ratatoskr/testkit'
 *
 * const tape = tapeFromBytes('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n')
 * const fetch = replay(tape, { split: 'byte' })
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'any', fetch })] })
 * console.log((await gateway.chat([user('Hello')], { model: 'vendor/model' })).content)
 * ```
 */
export function replay(tape: Tape | readonly Tape[], options: ReplayOptions = {}): FetchLike {
  const { split, faults = [], loop = false, speed = Infinity } = options
  check(typeof speed === 'number' && speed > 0, 'speed must be a number above 0')
  checkSplit(split)
  checkFaults(faults)
  const tapes: readonly Tape[] = 'tape' in tape ? [tape] : tape
  const isList = !('tape' in tape)
  let requests = 0
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    signal?.throwIfAborted()
    requests += 1
    const request = requests
    const current = tapes[isList && !loop ? request - 1 : (request - 1) % tapes.length]
    if (current === undefined) {
      const count = tapes.length === 1 ? 'one tape has' : `${tapes.length} tapes have`
      throw new RatatoskrError(
        'configuration',
        `There is no tape for request ${request}: the ${count} been played. Give more, or loop: true.`,
      )
    }
    const good = await play(current, speed, signal)
    const dialect = serviceAt(pathOf(current.request.url))?.name
    const faulty = withFaults(good, faults, { request, ...(dialect && { dialect }) })
    const { body, status, headers } = faulty
    if (split === undefined || body === null) return faulty
    const type = headers.get('content-type') ?? ''
    return new Response(splitStream(body, split, type), { status, headers })
  }
}

async function play(
  { response, chunks, end }: Tape,
  speed: number,
  signal: AbortSignal | null | undefined,
): Promise<Response> {
  const { status, headers } = response
  const never = new AbortController().signal
  await pause(response.at / speed, signal ?? never)
  signal?.throwIfAborted()
  if ([204, 205, 304].includes(status)) return new Response(null, { status, headers })
  const body = byteStream(
    async function* (stopped) {
      let last = response.at
      const waitUntil = async (at: number): Promise<void> => {
        await pause((at - last) / speed, stopped)
        last = at
      }
      for (const chunk of chunks) {
        await waitUntil(chunk.at)
        if (stopped.aborted) return
        yield bytesOf(chunk)
      }
      await waitUntil(end.at)
      if (end.how === 'error') throw new TypeError(end.message ?? 'The connection broke.')
    },
    { signal },
  )
  return new Response(body, { status, headers })
}

function pathOf(url: string): string {
  try {
    return new URL(url).pathname
  } catch {
    return url
  }
}
