/**
 * The testkit's half for Node: a real HTTP server around a simulator, and files of tapes.
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { joinBytes } from './byte-stream.ts'
import { parseTape, stringifyTape, type Tape } from './tape.ts'

/** A function from a request to its response, such as a simulator. */
export type Handler = (request: Request) => Response | Promise<Response>

/** What is used of Node's `IncomingMessage`. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** What is used of Node's `ServerResponse`. */
export interface NodeResponse {
  readonly headersSent: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
  readonly socket: { destroySoon(): unknown } | null
  writeHead(status: number, headers: { [name: string]: string | string[] }): unknown
  flushHeaders(): void
  write(bytes: Uint8Array): boolean
  end(): unknown
  destroy(): unknown
  on(event: 'close' | 'drain', listener: () => void): unknown
  off(event: 'close' | 'drain', listener: () => void): unknown
}

/**
 * A handler as a function of Node's HTTP server, and as a middleware of Vite's and its kind. A
 * client that goes away aborts the request's signal; a body that fails breaks the connection off.
 *
 * @example
 * ```ts
 * import { simulator } from '@ratatoskr/testkit'
 * import { middleware } from '@ratatoskr/testkit/node'
 *
 * const simulated = middleware(simulator())
 * const plugin = {
 *   name: 'simulated-provider',
 *   configureServer(server: { middlewares: { use(path: string, handle: typeof simulated): void } }) {
 *     server.middlewares.use('/simulated', simulated)
 *   },
 * }
 * ```
 */
export function middleware(
  handler: Handler,
): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    answer(handler, request, response).catch((error: unknown) => {
      if (response.headersSent) {
        breakOff(response)
        return
      }
      // It is a server of tests: what failed is told.
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
      response.write(
        new TextEncoder().encode(error instanceof Error ? error.message : 'It failed.'),
      )
      response.end()
    })
  }
}

/** A server that {@link serve} has started. */
export interface Served {
  /** Without a slash at the end, such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** Closes it, and all connections. */
  close(): Promise<void>
}

/** Where {@link serve} listens. */
export interface ServeOptions {
  /** Default: one that is free. */
  port?: number
  /** Default: `127.0.0.1`. */
  host?: string
}

/**
 * Serves a handler over HTTP. What the client does not read is not asked of the body.
 *
 * @example
 * ```ts
 * import { simulator } from '@ratatoskr/testkit'
 * import { serve } from '@ratatoskr/testkit/node'
 *
 * const { url, close } = await serve(simulator())
 * console.log(`${url}/v1`)
 * await close()
 * ```
 */
export async function serve(
  handler: Handler,
  { port = 0, host = '127.0.0.1' }: ServeOptions = {},
): Promise<Served> {
  const server = createServer(middleware(handler))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Reads a tape's file. Throws a `RatatoskrError` where it is no tape. */
export async function readTape(path: string | URL): Promise<Tape> {
  return parseTape(await readFile(path, 'utf8'))
}

/** Writes a tape to a file, whose name ends in `.tape.json`. */
export async function writeTape(path: string | URL, tape: Tape): Promise<void> {
  await writeFile(path, stringifyTape(tape))
}

async function answer(
  handler: Handler,
  request: NodeRequest,
  response: NodeResponse,
): Promise<void> {
  const gone = new AbortController()
  const leave = (): void => {
    if (!response.writableFinished) gone.abort(new Error('The client has closed the connection.'))
  }
  response.on('close', leave)
  const { method = 'GET', url = '/', headers } = request
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const pieces: Uint8Array[] = []
  for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece)
  const sent = new Request(new URL(url, `http://${String(headers['host'] ?? 'localhost')}`), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      // HTTP/2 has headers of its own.
      value === undefined || name.startsWith(':')
        ? []
        : [value].flat().map((one): [string, string] => [name, one]),
    ),
    ...(hasBody && { body: joinBytes(pieces) }),
    signal: gone.signal,
  })
  const { status, headers: answered, body } = await handler(sent)
  const cookies = answered.getSetCookie()
  response.writeHead(status, {
    ...Object.fromEntries(answered),
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  })
  response.flushHeaders()
  if (body !== null && method !== 'HEAD') await send(body, response)
  if (!response.destroyed) response.end()
}

async function send(body: ReadableStream<Uint8Array>, response: NodeResponse): Promise<void> {
  const reader = body.getReader()
  const stop = (): void => {
    reader.cancel().catch(() => {})
  }
  response.on('close', stop)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || response.destroyed) return
      if (!response.write(value)) await drained(response)
    }
  } finally {
    response.off('close', stop)
  }
}

/** Resolves when more may be written, or nobody is there any more. */
function drained(response: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go)
      response.off('close', go)
      resolve()
    }
    response.on('drain', go)
    response.on('close', go)
    if (response.destroyed) go()
  })
}

/**
 * Closes the connection in the middle of the body. Not by a TCP reset: that would also take away
 * what the client has received, and not read.
 */
function breakOff(response: NodeResponse): void {
  if (response.socket) response.socket.destroySoon()
  else response.destroy()
}
