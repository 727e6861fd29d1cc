// The process in between: a relay, or the least that can stand there.

import { createRelay } from '@ratatoskr/relay'
import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { serve } from 'srvx/node'
import { memory } from './hold-streams.mjs'
import { checkOpenFiles } from './open-files.mjs'

/** @typedef {'relay' | 'proxy'} Between */

/** @type {{ close: () => Promise<void> } | undefined} */
let served
/** @type {NodeJS.CpuUsage | undefined} */
let before

/**
 * @param {{ step: 'start', kind: Between, baseURL: string, streams: number } | { step: 'memory' | 'cpu' | 'stop' }} job
 * @returns {Promise<{ url?: string, heap?: number, rss?: number, cpu?: number }>} where it listens; bytes; milliseconds of
 *   the processors since `cpu` was asked for the last time
 */
export async function serveRelay(job) {
  switch (job.step) {
    case 'start': {
      // One to the client and one to the provider, for each.
      checkOpenFiles(2 * job.streams)
      const fetch = job.kind === 'relay' ? relayTo(job.baseURL) : proxyTo(job.baseURL)
      const server = serve({ fetch, port: 0, hostname: '127.0.0.1', silent: true })
      await server.ready()
      served = { close: () => server.close(true) }
      return { url: (server.url ?? '').replace(/\/$/, '') }
    }
    case 'memory':
      return memory()
    case 'cpu': {
      const { user, system } = process.cpuUsage(before)
      before = process.cpuUsage()
      return { cpu: (user + system) / 1000 }
    }
    case 'stop':
      await served?.close()
      return {}
  }
}

/** As its README has it, with limits that let one caller have all streams. @param {string} baseURL */
function relayTo(baseURL) {
  const upstream = openaiCompatible({ name: 'upstream', baseURL })
  return createRelay({
    gateway: createGateway({ providers: [upstream] }),
    authorize: () => ({ id: 'bench' }),
    limits: { streams: 1e6, requestsPerMinute: 1e9 },
  })
}

/** The floor: the request goes on, and the bytes of the answer come back, as they are. @param {string} baseURL */
function proxyTo(baseURL) {
  return async (/** @type {Request} */ request) => {
    const { pathname } = new URL(request.url)
    const { status, headers, body } = await fetch(baseURL + pathname.replace('/v1', ''), {
      method: request.method,
      headers: { 'content-type': 'application/json' },
      body: await request.text(),
      signal: request.signal,
    })
    const type = headers.get('content-type') ?? ''
    return new Response(body, { status, headers: { 'content-type': type } })
  }
}
