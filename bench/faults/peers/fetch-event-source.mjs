import { fetchEventSource } from '@microsoft/fetch-event-source'
import { prompt } from '../tool.mjs'

// It knows pages only.
Object.assign(globalThis, {
  window: globalThis,
  document: { hidden: false, addEventListener() {}, removeEventListener() {} },
})

/** @type {import('../types.ts').Open} */
export function openaiChat({ host, seen, signal }) {
  const stopping = new AbortController()
  signal?.addEventListener('abort', () => stopping.abort())
  return {
    read: (goOn) =>
      fetchEventSource(host.baseURL, {
        method: 'POST',
        body: prompt,
        fetch: host.fetch,
        openWhenHidden: true,
        signal: stopping.signal,
        onmessage({ data }) {
          seen.frame(data)
          // A promise that it returned would not be waited for.
          void Promise.resolve(goOn()).then((may) => may || stopping.abort())
        },
        onerror(error) {
          throw error
        },
      }),
  }
}
