import type { Fetch } from '../src/transport/connect.ts'

/** What a {@link recordingFetch} was called with. */
export interface FetchCall {
  url: string
  method: string | undefined
  /** As they were given: a platform would add its own. */
  headers: { [name: string]: string }
  body: { [field: string]: unknown }
  signal: AbortSignal | null | undefined
}

/** A `fetch` that remembers its calls; the answer is an empty reply, unless told otherwise. */
export function recordingFetch(answer: () => Response | Promise<Response> = emptyReply): {
  fetch: Fetch
  calls: FetchCall[]
} {
  const calls: FetchCall[] = []
  return {
    calls,
    async fetch(url, { method, headers, body, signal }) {
      calls.push({
        url,
        method,
        headers: headers as { [name: string]: string },
        body: JSON.parse(body as string) as { [field: string]: unknown },
        signal,
      })
      return answer()
    },
  }
}

/** A complete reply without anything in it. */
export function emptyReply(): Response {
  return new Response('data: [DONE]\n\n', { headers: { 'content-type': 'text/event-stream' } })
}
