import { expect, test } from 'vitest'
import { recordedFetch, type OpenRecording } from './recorded-fetch.ts'

const text = 'data: 🐿️ 樹\n\n'.repeat(40)
const open: OpenRecording = () => Promise.resolve(new Blob([text]).stream())

test('every request gets the whole recording, in small pieces', async () => {
  const fetch = recordedFetch(open, 0)
  const first = await fetch('https://example.com/', {})
  expect(first.headers.get('content-type')).toBe('text/event-stream')
  expect(await first.text()).toBe(text)
  expect(await (await fetch('https://example.com/', {})).text()).toBe(text)
})

test('an abort errors the body with the reason of the signal, and lets go of the source', async () => {
  let cancelled: unknown
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text))
    },
    cancel: (reason) => {
      cancelled = reason
    },
  })
  const abort = new AbortController()
  const fetch = recordedFetch(() => Promise.resolve(source), 0)
  const { body } = await fetch('https://example.com/', { signal: abort.signal })
  const reader = body?.getReader()
  await reader?.read()
  const reason = new Error('enough')
  abort.abort(reason)
  await expect(reader?.read()).rejects.toBe(reason)
  expect(cancelled).toBe(reason)
  await expect(fetch('https://example.com/', { signal: abort.signal })).rejects.toBe(reason)
})
