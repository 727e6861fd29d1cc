// A page whose fragment is the context as JSON. It runs the suite itself, or has a worker run it.

import { main, report } from './main.ts'
import type { ConformanceContext } from '../index.ts'

const context = JSON.parse(decodeURIComponent(location.hash.slice(1))) as ConformanceContext

if (context.place === 'worker') {
  const worker = new Worker('/worker.js')
  worker.addEventListener('error', ({ message }) => void crash(`the worker failed: ${message}`))
  worker.postMessage(context, [])
} else if (context.place === 'service-worker') {
  try {
    await navigator.serviceWorker.register('/worker.js')
    const { active } = await navigator.serviceWorker.ready
    active?.postMessage(context, [])
  } catch (error) {
    await crash(`the service worker failed: ${String(error)}`)
  }
} else {
  await main(context)
}

function crash(error: string): Promise<void> {
  return report(context, { type: 'crash', error })
}
