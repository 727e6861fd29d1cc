import type { OpenRecording } from './recorded-fetch.ts'

/**
 * The project's own fixture: from the dev server over the network, and in the static build, whose
 * host may serve no such files, out of the page itself.
 */
export const openRecording: OpenRecording = async (signal) => {
  if (import.meta.env.DEV) {
    const { default: url } = await import('../../examples/fixtures/reply.sse?url')
    const { ok, status, body } = await fetch(url, { signal: signal ?? null })
    if (!ok || body === null) throw new Error(`The dev server has no ${url}: status ${status}.`)
    return body
  }
  const { default: text } = await import('../../examples/fixtures/reply.sse?raw')
  return new Blob([text]).stream()
}
