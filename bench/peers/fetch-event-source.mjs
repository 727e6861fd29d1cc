// Frames alone.

import { fetchEventSource } from '@microsoft/fetch-event-source'

// It knows pages only.
Object.assign(globalThis, {
  window: globalThis,
  document: { hidden: false, addEventListener() {}, removeEventListener() {} },
})

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat =
  ({ baseURL, fetch }) =>
  (sink) =>
    fetchEventSource(baseURL, {
      method: 'POST',
      fetch,
      openWhenHidden: true,
      onmessage: ({ data }) => sink.frame(data),
      onerror(error) {
        throw error
      },
    })

export const anthropic = openaiChat
