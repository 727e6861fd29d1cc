import { byteStream, piecesOf } from './byte-stream.ts'
import { eventCutter } from './event-cutter.ts'
import { seededNumbers } from './random.ts'

/**
 * How a body is cut into network chunks:
 *
 * - `event`: each event is a chunk
 * - `byte`: each byte is one
 * - a number: so many bytes, across the events; fewer at the end, and where the model pauses
 * - `{ seed, max? }`: from 1 to `max` bytes (default 64) at random, the same for each seed
 * - a function: cuts each event by itself
 */
export type Split =
  | 'event'
  | 'byte'
  | number
  | { readonly seed: number; readonly max?: number }
  | ((bytes: Uint8Array) => readonly Uint8Array[])

/** One way to cut a body. */
export interface NamedSplit {
  /** For the test's name, such as `7 bytes` or `in two at 1234`. */
  name: string
  pieces: Uint8Array<ArrayBuffer>[]
}

/** How many ways {@link splits} cuts. */
export interface SplitsOptions {
  /** Places at which it is cut in two. Default: 200. */
  places?: number
  /** Chooses the places. Default: 1. */
  seed?: number
}

/**
 * Ways to cut a body that find the bugs of readers: pieces of 1, 2, 3, 5, 7 and 13 bytes, and in
 * two at places chosen by a seed. What a reader makes of each must be the same.
 *
 * @example
 * ```ts
 * import { splits } from '@ratatoskr/testkit'
 *
 * const body = new TextEncoder().encode('data: {"text":"Żółw 🐢"}\n\n')
 * for (const { name, pieces } of splits(body, { places: 5 })) console.log(name, pieces.length)
 * ```
 */
export function* splits(
  bytes: Uint8Array,
  { places = 200, seed = 1 }: SplitsOptions = {},
): Generator<NamedSplit, void, undefined> {
  for (const size of [1, 2, 3, 5, 7, 13]) {
    const name = size === 1 ? '1 byte' : `${size} bytes`
    yield { name, pieces: cut(bytes, () => size) }
  }
  const next = seededNumbers(seed)
  const taken = new Set<number>()
  for (let i = 0; i < places && bytes.length > 1; i += 1) {
    const place = 1 + next(bytes.length - 1)
    if (taken.has(place)) continue
    taken.add(place)
    yield { name: `in two at ${place}`, pieces: [bytes.slice(0, place), bytes.slice(place)] }
  }
}

/**
 * Cuts a body anew, reading it only for a waiting reader.
 *
 * @param contentType Tells where events end, for `event` and functions. Default: an event stream.
 *
 * @example
 * ```ts
 * import { splitStream } from '@ratatoskr/testkit'
 *
 * const body = new Response('data: {"text":"Hello"}\n\n').body ?? new ReadableStream<Uint8Array>()
 * console.log(await new Response(splitStream(body, 'byte')).text())
 * ```
 */
export function splitStream(
  body: ReadableStream<Uint8Array>,
  split: Split,
  contentType = 'text/event-stream',
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (split === 'event' || typeof split === 'function') {
    return byteStream((stopped) => byEvent(body, split, contentType, stopped), {
      source: body,
    })
  }
  const next = typeof split === 'object' ? seededNumbers(split.seed) : undefined
  const most = typeof split === 'object' ? (split.max ?? 64) : split === 'byte' ? 1 : split
  if (!(most >= 1)) throw new RangeError(`Cannot split a body into chunks of ${most} bytes.`)
  const size = (): number => (next ? 1 + next(most) : Math.floor(most))
  return byteStream((stopped) => bySize(body, size, stopped), { source: body })
}

async function* byEvent(
  body: ReadableStream<Uint8Array>,
  split: 'event' | Extract<Split, (...args: never) => unknown>,
  contentType: string,
  stopped: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cutter = eventCutter(contentType)
  const parts = (event: Uint8Array): readonly Uint8Array[] =>
    split === 'event' ? [event] : split(event)
  for await (const bytes of piecesOf(body, stopped)) {
    for (const event of cutter.push(bytes)) yield* parts(event)
  }
  const rest = cutter.rest()
  if (rest.length > 0) yield* parts(rest)
}

async function* bySize(
  body: ReadableStream<Uint8Array>,
  size: () => number,
  stopped: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = piecesOf(body, stopped)
  let held = new Uint8Array()
  let wanted = size()
  for (;;) {
    const reading = source.next()
    if (held.length > 0 && (await isLate(reading))) {
      // Bytes do not wait in a network for others that are not sent yet.
      yield held
      held = new Uint8Array()
      wanted = size()
    }
    const { done, value } = await reading
    if (done) break
    const bytes = new Uint8Array(held.length + value.length)
    bytes.set(held)
    bytes.set(value, held.length)
    let at = 0
    for (; bytes.length - at >= wanted; wanted = size()) {
      yield bytes.subarray(at, at + wanted)
      at += wanted
    }
    held = bytes.subarray(at)
  }
  if (held.length > 0) yield held
}

/** Whether something takes longer than the turn of the event loop. A failure is not late. */
async function isLate(reading: Promise<unknown>): Promise<boolean> {
  const state = { isReady: false }
  const settle = (): void => {
    state.isReady = true
  }
  const ready = reading.then(settle, settle)
  // What has come already is there after some microtasks; workerd's timers take far longer.
  for (let i = 0; i < 100 && !state.isReady; i += 1) await Promise.resolve()
  if (state.isReady) return false
  let timer: ReturnType<typeof setTimeout> | undefined
  const turn = new Promise((resolve) => {
    timer = setTimeout(resolve, 0)
  })
  await Promise.race([ready, turn])
  clearTimeout(timer)
  return !state.isReady
}

function cut(bytes: Uint8Array, size: () => number): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + size()
    pieces.push(bytes.slice(at, end))
    at = end
  }
  return pieces
}
