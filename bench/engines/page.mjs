// In a page: its own clock is good enough for rounds of 100 ms.

import { prepare, round } from './lane.mjs'

Object.assign(globalThis, {
  benchmark: {
    prepare,
    /** @param {number} count */
    async round(count) {
      // Not a full one, for the reason in child.mjs.
      globalThis.gc?.({ type: 'minor' })
      const start = performance.now()
      await round(count)
      return performance.now() - start
    },
  },
})
