import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Miniflare } from 'miniflare'
import { runtime } from '../lib/engine.mjs'

const require = createRequire(import.meta.url)

/** @type {import('../lib/engine.mjs').Engine} */
export const workerd = {
  name: 'workerd',
  capabilities: runtime,
  find: async () => {
    /** @type {{ version: string }} */
    const { version } = require('workerd/package.json')
    return {
      version,
      run: async (job) => {
        const miniflare = new Miniflare({
          modules: true,
          script: await readFile(join(job.suite.folder, 'workerd.mjs'), 'utf8'),
          compatibilityDate: '2026-07-01',
          cf: false,
          host: '127.0.0.1',
        })
        try {
          const response = await miniflare.dispatchFetch('http://worker/', {
            method: 'POST',
            body: JSON.stringify(job.context),
          })
          if (!response.ok) throw new Error(`it answered ${await response.text()}`)
          await job.ended
        } finally {
          await miniflare.dispose()
        }
      },
    }
  },
}
