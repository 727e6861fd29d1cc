// In a page: its own clock is good enough for rounds of 100 ms.

import { prepare, round } from './lane.mjs'

Object.assign(globalThis, {
  benchmark: {
    prepare,
    /** @param {number} count */
    async round(count) {
      /** @type {{ gc?: () => void }} */ globalThis.gc?.()
      const start = performance.now()
      await round(count)
      return performance.now() - start
    },
  },
})
