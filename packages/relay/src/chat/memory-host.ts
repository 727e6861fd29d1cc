import { MemoryEventLog } from './memory-event-log.ts'
import { RunningStream } from './running-stream.ts'
import type { StreamHost, StreamStart } from './stream-host.ts'
import { longAgo, Tombstones } from './tombstones.ts'
import type { StreamLimits } from './stream-limits.ts'
import { alreadyStopped, anotherBody, tooLate, tooMany, unknownStream } from './stream-refusals.ts'

/** What {@link memoryHost} can be told. */
export interface MemoryHostOptions {
  /** The most replies that are kept at once, those that have ended with them. Default: 10,000. */
  maxStreams?: number
}

/** A {@link StreamHost} of this process. */
export interface MemoryHost extends StreamHost {
  /** How many replies are kept. */
  readonly size: number
  /** Stops all, and forgets them: nothing is left running. */
  close(): void
}

interface Kept {
  stream: RunningStream
  fingerprint: string
}

/**
 * Replies that run in this process, which all connections must come to.
 *
 * @example
 * ```ts
 * import { memoryHost } from '@ratatoskr/relay'
 *
 * const host = memoryHost({ maxStreams: 1000 })
 * const atShutdown = (): void => host.close()
 * ```
 */
export function memoryHost({ maxStreams = 10_000 }: MemoryHostOptions = {}): MemoryHost {
  const kept = new Map<string, Kept>()
  const stopped = new Tombstones(maxStreams)
  // A key is a small part of what a reply is.
  const expired = new Tombstones(4 * maxStreams, longAgo)

  const begin = (key: string, given: StreamStart, limits: StreamLimits): Kept => {
    // Until the end: it holds the whole conversation.
    let start: StreamStart | undefined = given
    let admitted = false
    const one: Kept = {
      fingerprint: given.fingerprint,
      stream: new RunningStream({
        log: new MemoryEventLog(),
        limits,
        async begin(signal) {
          const own = start
          await own?.admit()
          // Stopped while the limiter was asked.
          if (signal.aborted) own?.release()
          signal.throwIfAborted()
          admitted = true
          return own?.begin(signal) ?? new ReadableStream()
        },
        onEnd() {
          if (admitted) start?.release()
          // Nothing was sent to a provider, so the same request may come again.
          else one.stream.close()
          start = undefined
        },
        onExpired() {
          if (kept.get(key) !== one) return
          kept.delete(key)
          if (admitted) expired.add(key)
        },
      }),
    }
    return one
  }

  return {
    get size() {
      return kept.size
    },
    async open(key, { after, start, limits, observer, signal }) {
      let one = kept.get(key)
      if (one) {
        if (start && start.fingerprint !== one.fingerprint) throw anotherBody()
        observer?.attached()
      } else {
        if (stopped.has(key)) throw alreadyStopped()
        if (expired.has(key)) throw tooLate()
        if (!start) throw unknownStream()
        // It had events, which are gone: a reply that begins anew would not continue them.
        if (after > 0) throw tooLate()
        if (kept.size >= maxStreams) throw tooMany()
        // Before anything is awaited: a repeated request finds it.
        one = begin(key, start, limits)
        kept.set(key, one)
      }
      await one.stream.began()
      return one.stream.read(after, observer, signal)
    },
    async stop(key) {
      const one = kept.get(key)
      one?.stream.stop()
      if (!kept.has(key)) stopped.add(key)
      return one !== undefined
    },
    close() {
      const all = [...kept.values()]
      kept.clear()
      for (const { stream } of all) stream.close()
    },
  }
}
