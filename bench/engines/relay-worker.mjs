// A Worker with the relay twice: its replies in objects, and in the isolate. And two floors: a proxy whose bytes JavaScript never sees, and
// one that does no more than read and give out each piece.

import { createRelay } from '@ratatoskr/relay'
import {
  durableObjectHost,
  durableObjectLimiter,
  relayObject,
  relayWorker,
} from '@ratatoskr/relay/cloudflare'
import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'

/**
 * @typedef {object} Env
 * @property {import('@ratatoskr/relay/cloudflare').ObjectNamespace} RELAY
 * @property {string} UPSTREAM
 */

/** Of all objects of this isolate: what is billed. */
const billed = { requests: 0, alarms: 0, rowsWritten: 0, rowsRead: 0 }

/** @param {Env} env */
const common = (env) => ({
  gateway: createGateway({
    providers: [openaiCompatible({ name: 'upstream', baseURL: env.UPSTREAM })],
  }),
  authorize: () => ({ id: 'bench' }),
  signingKey: 'the-key-of-a-measurement-0123',
  limits: { streams: 1e6, requestsPerMinute: 1e9 },
})

/** @param {Env} env */
const inObjects = (env) => ({
  ...common(env),
  basePath: '/objects',
  host: durableObjectHost(env.RELAY),
  limiter: durableObjectLimiter(env.RELAY),
})

export class Relay extends relayObject(inObjects) {
  /** @param {import('@ratatoskr/relay/cloudflare').ObjectState} state @param {Env} env */
  constructor(state, env) {
    super(counting(state), env)
  }

  /** @override @param {Request} request */
  fetch(request) {
    billed.requests += 1
    return super.fetch(request)
  }

  /** @override */
  alarm() {
    billed.alarms += 1
    return super.alarm()
  }
}

/**
 * @param {import('@ratatoskr/relay/cloudflare').ObjectState} state
 * @returns {import('@ratatoskr/relay/cloudflare').ObjectState}
 */
function counting({ storage }) {
  return {
    storage: {
      sql: {
        exec(query, ...bindings) {
          const cursor = storage.sql.exec(query, ...bindings)
          const rows = cursor.toArray()
          if ('rowsWritten' in cursor) billed.rowsWritten += Number(cursor.rowsWritten)
          if ('rowsRead' in cursor) billed.rowsRead += Number(cursor.rowsRead)
          return { toArray: () => rows }
        },
      },
      setAlarm(time) {
        // Billed as a row: https://developers.cloudflare.com/durable-objects/platform/pricing/
        billed.rowsWritten += 1
        return storage.setAlarm(time)
      },
      deleteAlarm: () => storage.deleteAlarm(),
      deleteAll: () => storage.deleteAll(),
    },
  }
}

const objects = relayWorker(inObjects)
/** @type {((request: Request) => Promise<Response>) | undefined} */
let memory

export default {
  /** @param {Request} request @param {Env} env @param {Parameters<typeof objects.fetch>[2]} context */
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url)
    if (pathname === '/billed') return Response.json(billed)
    if (pathname.startsWith('/objects/')) return objects.fetch(request, env, context)
    memory ??= createRelay({ ...common(env), basePath: '/memory' })
    if (pathname.startsWith('/memory/')) return memory(request)
    const { body, headers } = await fetch(`${env.UPSTREAM}/chat/completions`, {
      method: 'POST',
      body: request.body,
      headers: { 'content-type': 'application/json' },
    })
    const type = headers.get('content-type') ?? ''
    return new Response(pathname === '/reader' ? read(body) : body, {
      headers: { 'content-type': type },
    })
  },
}

/** @param {ReadableStream<Uint8Array> | null} body */
function read(body) {
  const reader = body?.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = await reader?.read()
        if (piece?.value === undefined) controller.close()
        else controller.enqueue(piece.value)
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
