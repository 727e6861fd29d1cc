// In workerd, whose clock stands still while code runs: whoever asks takes the time.

import { prepare, round } from './lane.mjs'

export default {
  /** @param {Request} request */
  async fetch(request) {
    /** @type {{ task: 'prepare', name: string, workload: string } | { task: 'round', count: number }} */
    const job = await request.json()
    try {
      if (job.task === 'prepare') await prepare(job.name, job.workload)
      else await round(job.count)
      return new Response('done')
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
    }
  },
}
