// A provider on 127.0.0.1 that behaves and misbehaves on request, and remembers what it saw.
//
// It speaks Chat Completions and Anthropic's Messages, each at its path. The reply is chosen by
// `model`: a name below or in replies.mjs and anthropic-replies.mjs (`text@once` sends `text` in a
// single write). A request is remembered under its body's `user`, or its `metadata.user_id`.
//
// All dialects speak at `/simulated/<id>/<options>/…`, see simulated-provider.mjs, and whatever is
// asked below `/recorded/<id>/<name>/…` is answered by that recording. The id is the request's.
// Cross-origin requests may carry no header but those of `allowedHeaders`: other preflights fail,
// as they do at providers, so a library that sends more does not work in the browser harnesses.

import { createServer } from 'node:http'
import { extname } from 'node:path'
import * as anthropicReplies from './anthropic-replies.mjs'
import * as chatReplies from './replies.mjs'
import { nothingObserved, observe } from './observed.mjs'
import { bigEvent, doneFrame, endlessBlock, wholeCompletion } from './replies.mjs'
import { simulatedProvider } from './simulated-provider.mjs'

const anthropicHeaders = ['anthropic-version', 'anthropic-dangerous-direct-browser-access']
const allowedHeaders = [
  'authorization',
  'content-type',
  'x-api-key',
  'x-goog-api-key',
  ...anthropicHeaders,
]
const exposedHeaders = ['x-request-id', 'x-generation-id', 'retry-after']
const endlessLimit = 512 * 1024 * 1024

/** @typedef {import('./observed.mjs').Observed} Observed */

/**
 * What the suite tells of itself.
 * @typedef {import('../conformance/types.ts').Report} Report
 */

/**
 * @typedef {object} FixtureServer
 * @property {string} baseURL of the provider, without a slash at the end
 * @property {string} controlURL of the files and of what the server saw, on an origin of its own,
 *   so that a connection that the library leaves open takes none from it
 * @property {() => Promise<void>} close
 */

/**
 * @param {{
 *   suite: import('../build.mjs').Suite,
 *   onReport?: (report: Report) => void,
 *   recordings?: ReadonlyMap<string, Uint8Array>,
 *   files?: Record<string, { type: string, body: string | Buffer }>,
 * }} options
 * @returns {Promise<FixtureServer>}
 */
export async function startFixtureServer({
  suite,
  onReport = () => {},
  recordings = new Map(),
  files = {},
}) {
  /** @type {Map<string, Observed>} */
  const observations = new Map()
  const simulated = simulatedProvider(suite, observations)
  const parts = { observations, recordings, simulated }

  const provider = createServer((request, response) => {
    serve(request, response, parts).catch((error) => {
      console.error('fixture server:', error)
      response.destroy()
    })
  })
  const control = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    response.setHeader('cache-control', 'no-store')
    if (path === '/report') {
      void readBody(request).then((body) => {
        /** @type {Report} */
        const report = JSON.parse(body)
        onReport(report)
        // What a failed case has left open must not hold up the next ones.
        if (report.type === 'result' && !report.passed) provider.closeAllConnections()
        sendJson(response, 200, {})
      })
    } else if (path.startsWith('/observed/')) {
      const id = decodeURIComponent(path.slice('/observed/'.length))
      sendJson(response, 200, observations.get(id) ?? nothingObserved())
    } else if (path.startsWith('/reset/')) {
      observations.get(decodeURIComponent(path.slice('/reset/'.length)))?.reset()
      sendJson(response, 200, {})
    } else if (path === '/open') {
      const open = [...observations].filter(([, seen]) => !seen.finished && !seen.closedByClient)
      sendJson(response, 200, open)
    } else {
      const file = files[path]
      response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' })
      response.end(file?.body ?? 'not found')
    }
  })
  const [port, controlPort] = await Promise.all([listen(provider), listen(control)])

  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    controlURL: `http://127.0.0.1:${controlPort}`,
    close: async () => {
      await Promise.all([shut(provider), shut(control)])
    },
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{
 *   observations: Map<string, Observed>,
 *   recordings: ReadonlyMap<string, Uint8Array>,
 *   simulated: ReturnType<typeof simulatedProvider>,
 * }} parts
 */
async function serve(request, response, { observations, recordings, simulated }) {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  request.socket.setNoDelay(true)

  if (request.method === 'OPTIONS') {
    const asked = (request.headers['access-control-request-headers'] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '')
    const refused = asked.filter((name) => !allowedHeaders.includes(name))
    if (refused.length > 0) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`refused: ${refused.join()}`)
      return
    }
    response.writeHead(204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': allowedHeaders.join(', '),
      'access-control-max-age': '600',
    })
    response.end()
    return
  }

  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-expose-headers', exposedHeaders.join(', '))
  response.setHeader('cache-control', 'no-store')

  const [, kind, ownId = '', what = ''] =
    /^\/(simulated|recorded)\/([^/]+)\/([^/]+)\//.exec(path) ?? []
  if (kind === 'simulated') return simulated(request, response, ownId, decodeURIComponent(what))
  if (kind === 'recorded') {
    const name = decodeURIComponent(what)
    const bytes = recordings.get(name)
    if (!bytes) throw new Error(`no such recording: ${name}`)
    await readBody(request)
    return replay(bytes, name, response, observe(observations, ownId, request, response, null))
  }

  const format = formats[path]
  if (request.method !== 'POST' || !format) {
    sendJson(response, 404, { error: { message: `no such path: ${path}` } })
    return
  }
  const lacking = format.headers.find((name) => !request.headers[name])
  if (lacking) {
    const error = { type: 'invalid_request_error', message: `${lacking}: header is required` }
    sendJson(response, 400, { type: 'error', error })
    return
  }

  /** @type {{ model?: string, user?: string, metadata?: { user_id?: string } }} */
  const body = JSON.parse(await readBody(request))
  const id = body.user ?? body.metadata?.user_id ?? ''
  const observed = observe(observations, id, request, response, body)
  await reply(body.model ?? '', response, observed, format)
}

/** @type {Record<string, string>} */
const recordedTypes = {
  '.ndjson': 'application/x-ndjson',
  '.jsonarray': 'application/json; charset=UTF-8',
  '.eventstream': 'application/vnd.amazon.eventstream',
}

/**
 * Sends a recording in writes that end where they like: in an event, in a character.
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {import('node:http').ServerResponse} response
 * @param {Observed} observed
 */
async function replay(bytes, name, response, observed) {
  response.writeHead(200, { 'content-type': recordedTypes[extname(name)] ?? 'text/event-stream' })
  let size = 7
  for (let at = 0; at < bytes.length;) {
    const end = at + size
    size = (size * 31 + 11) % (bytes.length < 20_000 ? 509 : 32_749)
    if (!(await send(response, observed, bytes.subarray(at, end)))) return
    at = end
    await tick()
  }
  response.end()
}

/**
 * @typedef {object} Format
 * @property {readonly string[]} headers without which a request is refused
 * @property {Record<string, readonly string[]>} plainReplies
 * @property {string} opening
 * @property {string} complete
 * @property {object} whole
 */

/** @type {{ readonly [path: string]: Format }} */
const formats = {
  '/v1/chat/completions': { ...chatReplies, whole: wholeCompletion, headers: [] },
  '/v1/messages': {
    ...anthropicReplies,
    whole: anthropicReplies.wholeMessage,
    headers: ['x-api-key', ...anthropicHeaders],
  },
}

/**
 * @param {string} model
 * @param {import('node:http').ServerResponse} response
 * @param {Observed} observed
 * @param {Format} format
 */
async function reply(model, response, observed, format) {
  const { plainReplies, opening, complete, whole } = format
  const head = (status = 200, type = 'text/event-stream; charset=utf-8') => {
    response.writeHead(status, { 'content-type': type, 'x-request-id': 'req_e2e' })
    response.flushHeaders()
  }
  /** @param {string | Uint8Array} part */
  const write = (part) => send(response, observed, part)

  const [name = '', atOnce] = model.split('@')
  const plain = plainReplies[name]
  if (plain) {
    head()
    for (const part of atOnce ? [plain.join('')] : plain) {
      if (!(await write(part))) return
      await tick()
    }
    response.end()
    return
  }

  switch (model) {
    case 'mute': // not even headers
      return
    case 'headers-only':
      head()
      return
    case 'silent': // one piece of content, then nothing
      head()
      await write(opening)
      return
    case 'silent-with-pings': {
      head()
      await write(opening)
      const timer = setInterval(() => void write(': ping\n\n'), 20)
      response.on('close', () => clearInterval(timer))
      return
    }
    case 'open-after-done': // the terminal event, and the connection stays open
      head()
      await write(complete)
      return
    case 'bytes':
      head()
      for (const byte of Buffer.from(complete)) {
        if (!(await write(Uint8Array.of(byte)))) return
        await tick()
      }
      response.end()
      return
    case 'big-event':
      head()
      await write(bigEvent)
      response.end()
      return
    case 'endless':
      head()
      while (observed.bytesWritten < endlessLimit) {
        if (!(await write(endlessBlock))) return
      }
      await write(doneFrame)
      response.end()
      return
    case 'html':
      head(200, 'text/html; charset=utf-8')
      response.end('<!doctype html><title>Sign in</title><p>Please sign in to the network.')
      return
    case 'empty':
      head()
      response.end()
      return
    case 'json-error-200':
      sendJson(response, 200, {
        error: { message: 'The model is overloaded.', type: 'server_error', code: 'overloaded' },
      })
      return
    case 'json-whole':
      sendJson(response, 200, whole)
      return
    case 'status-400':
      sendJson(response, 400, {
        error: { message: 'temperature is too high', type: 'invalid_request_error' },
      })
      return
    case 'status-401':
      sendJson(response, 401, {
        error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' },
      })
      return
    case 'status-404':
      sendJson(response, 404, {
        error: { message: 'The model does not exist.', code: 'model_not_found' },
      })
      return
    case 'status-429': // for ever
      sendJson(response, 429, { error: { message: 'Slow down.', type: 'rate_limit' } })
      return
    case 'status-429-once':
      if (observed.count > 1) return reply('text', response, observed, format)
      response.setHeader('retry-after', '0')
      sendJson(response, 429, { error: { message: 'Slow down.', type: 'rate_limit' } })
      return
    case 'status-500-once':
      if (observed.count > 1) return reply('text', response, observed, format)
      sendJson(response, 500, { error: { message: 'Oops.', type: 'server_error' } })
      return
    default:
      sendJson(response, 404, { error: { message: `no such model: ${model}` } })
  }
}

/**
 * Writes with the socket's own backpressure, so `bytesWritten` stands still while nobody reads.
 * @param {import('node:http').ServerResponse} response
 * @param {Observed} observed
 * @param {string | Uint8Array} part
 * @returns {Promise<boolean>} false when the connection is gone
 */
async function send(response, observed, part) {
  if (response.destroyed || response.closed) return false
  const more = response.write(part)
  observed.bytesWritten += Buffer.byteLength(part)
  if (more) return true
  await new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle)
      response.off('close', settle)
      resolve(undefined)
    }
    response.on('drain', settle)
    response.on('close', settle)
  })
  return !response.destroyed
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 */
function sendJson(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_e2e' })
  response.end(JSON.stringify(value))
}

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  let body = ''
  request.setEncoding('utf8')
  for await (const part of request) body += part
  return body
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

/**
 * @param {import('node:http').Server} server
 * @returns {Promise<number>}
 */
const listen = (server) =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    // A client that sends on an idle connection in the moment of its closing fails.
    server.keepAliveTimeout = 0
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })

/** @param {import('node:http').Server} server */
const shut = (server) =>
  new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
