// Our own stages in Chromium and workerd.

import { createRequire } from 'node:module'
import { Miniflare } from 'miniflare'
import { findChromium, howToGetChromium, startChromium } from '../../e2e/lib/chromium.mjs'
import { temporaryFolder } from '../../e2e/lib/processes.mjs'
import { bundlePage, bundleWorker } from '../lib/bundle.mjs'
import { median } from '../lib/statistics.mjs'

/**
 * @typedef {import('./throughput.mjs').Lane} Lane
 * @typedef {{ version: string, lanes: (workload: string) => (name: string) => Promise<Lane>, close: () => Promise<void> }} Engine
 */

/** What runs there. */
export const stages = [
  'ratatoskr',
  'ratatoskr-no-collect',
  'ratatoskr-streams',
  'ratatoskr-decoders',
]

/** How many replies a lane is warmed with, and how long a round takes at least, in milliseconds. */
const warmUp = 10
const roundTime = 150

/** @returns {Promise<Engine | { missing: string }>} */
export async function openChromium() {
  const found = await findChromium()
  if (!found) return { missing: `no Chromium found; ${howToGetChromium}` }
  const code = await bundlePage()
  const browser = await startChromium({
    executablePath: found.executablePath,
    args: ['--js-flags=--expose-gc'],
    env: { ...process.env, HOME: temporaryFolder() },
  })
  return {
    version: found.version,
    close: () => browser.close(),
    lanes: (workload) => async (name) => {
      // A context of its own is a process of its own.
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.addScriptTag({ content: code })
      /** @param {number} count */
      const time = (count) =>
        page.evaluate(
          (replies) =>
            /** @type {{ benchmark: { round: (count: number) => Promise<number> } }} */ (
              /** @type {unknown} */ (globalThis)
            ).benchmark.round(replies),
          count,
        )
      return {
        verify: async () => {
          const start = performance.now()
          await page.evaluate(
            (job) =>
              /** @type {{ benchmark: { prepare: (name: string, workload: string) => Promise<void> } }} */ (
                /** @type {unknown} */ (globalThis)
              ).benchmark.prepare(job.name, job.workload),
            { name, workload },
          )
          return performance.now() - start
        },
        warm: () => countFor(time),
        round: async (count) => ({ time: (await time(count)) / count }),
        stop: () => context.close(),
      }
    },
  }
}

/** @returns {Promise<Engine>} */
export async function openWorkerd() {
  const script = await bundleWorker()
  /** @type {{ version: string }} */
  const { version } = createRequire(import.meta.url)('workerd/package.json')
  return {
    version,
    close: async () => {},
    lanes: (workload) => async (name) => {
      const miniflare = new Miniflare({
        modules: true,
        script,
        compatibilityDate: '2026-07-01',
        cf: false,
        host: '127.0.0.1',
      })
      /** @param {object} job */
      const ask = async (job) => {
        const start = performance.now()
        const response = await miniflare.dispatchFetch('http://worker/', {
          method: 'POST',
          body: JSON.stringify(job),
        })
        const text = await response.text()
        if (!response.ok) throw new Error(text)
        return performance.now() - start
      }
      let overhead = 0
      return {
        verify: () => ask({ task: 'prepare', name, workload }),
        warm: async () => {
          const count = await countFor((replies) => ask({ task: 'round', count: replies }))
          /** @type {number[]} */
          const empty = []
          while (empty.length < 20) empty.push(await ask({ task: 'round', count: 0 }))
          overhead = median(empty)
          return count
        },
        round: async (count) => ({
          time: ((await ask({ task: 'round', count })) - overhead) / count,
        }),
        stop: () => miniflare.dispose(),
      }
    },
  }
}

/** Warms, and tells how many replies make a round. @param {(count: number) => Promise<number>} time */
async function countFor(time) {
  await time(warmUp / 2)
  const each = (await time(warmUp / 2)) / (warmUp / 2)
  return Math.max(1, Math.ceil(roundTime / each))
}
