import type { Kit } from './relay-kit.ts'
import { base } from './relay-kit.ts'

/** What becomes of one connection. */
export type Fate =
  /** It holds. */
  | 'whole'
  /** The request does not arrive. */
  | 'lost'
  /** The request arrives, and its answer does not. */
  | 'unanswered'
  /** It ends after as many bytes of the body: by an error, or as if it were complete. */
  | { bytes: number; as: 'error' | 'end' }
  /** Somebody else answers. */
  | { response: () => Response }

/** A way to the relay on which connections break. */
export interface ShakyNetwork {
  readonly url: string
  fetch(url: string, init: RequestInit): Promise<Response>
  /** All requests for replies, those that were lost too. */
  readonly requests: Request[]
  /** Those that stop one. */
  readonly stops: Request[]
  /** How often the page has read from a body. */
  readonly reads: number
  /** Connections that are open. */
  readonly open: number
}

/** The first connection has the first fate; the last one's is for all that follow. */
export function shakyNetwork({ relay }: Pick<Kit, 'relay'>, fates: readonly Fate[]): ShakyNetwork {
  const requests: Request[] = []
  const stops: Request[] = []
  const counts = { reads: 0, open: 0 }
  return {
    url: base,
    requests,
    stops,
    get reads() {
      return counts.reads
    },
    get open() {
      return counts.open
    },
    async fetch(url, init) {
      const request = new Request(url, init)
      if (request.method === 'DELETE') {
        stops.push(request.clone())
        return relay(request)
      }
      const fate = fates[Math.min(requests.length, fates.length - 1)] ?? 'whole'
      requests.push(request.clone())
      init.signal?.throwIfAborted()
      if (fate === 'lost') throw new TypeError('fetch failed')
      if (typeof fate === 'object' && 'response' in fate) return fate.response()
      const response = await relay(request)
      init.signal?.throwIfAborted()
      if (!response.ok || !response.body) return response
      if (fate === 'unanswered') {
        await response.body.cancel()
        throw new TypeError('fetch failed')
      }
      const cut = typeof fate === 'object' ? fate : undefined
      const reader = response.body.getReader()
      counts.open += 1
      const close = (): void => {
        counts.open -= 1
        init.signal?.removeEventListener('abort', close)
        void reader.cancel().catch(() => {})
      }
      init.signal?.addEventListener('abort', close)
      let left = cut?.bytes ?? Infinity
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            counts.reads += 1
            const { value } = left > 0 ? await reader.read() : {}
            if (value) {
              controller.enqueue(value.subarray(0, left))
              left -= value.length
              return
            }
            if (!init.signal?.aborted) close()
            if (cut?.as === 'error') controller.error(new TypeError('terminated'))
            else controller.close()
          },
          cancel() {
            if (!init.signal?.aborted) close()
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, response)
    },
  }
}
