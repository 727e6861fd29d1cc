// A page's dedicated worker, or its service worker: runs the suite when the page says so.

import { main } from './main.ts'
import type { ConformanceContext } from '../index.ts'

interface ContextMessage extends MessageEvent<ConformanceContext> {
  /** A service worker is ended when nothing is waited for. */
  waitUntil?: (promise: Promise<void>) => void
}

addEventListener('message', (event: ContextMessage) => {
  const run = main(event.data)
  event.waitUntil?.(run)
})
