import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listen } from './listen.ts'

/** The page as `vite build` leaves it. */
export const builtPage: string = fileURLToPath(new URL('../../playground/dist', import.meta.url))

/** One request of a {@link StaticServer}. */
export interface StaticRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly status: number
}

/** What {@link serveFolder} has started. */
export interface StaticServer {
  /** The folder's address, with a slash at the end. */
  readonly url: string
  readonly origin: string
  /** The folder's address under another name of this machine, which is another origin. */
  urlAt(host: string): string
  /** All requests so far. */
  readonly requests: readonly StaticRequest[]
  /** Those for what does not lie below the folder's address: a page that can be moved has none. */
  readonly strays: readonly StaticRequest[]
  close(): Promise<void>
}

/** What {@link serveFolder} may be told. */
export interface StaticServerOptions {
  /** Where the folder is, such as `/some/deep/path/`. Default: `/`. */
  readonly path?: string
  /** Headers of every response. */
  readonly headers?: { readonly [name: string]: string }
}

/**
 * Serves a folder as a plain web server does: files with their types, `index.html` for a folder
 * with its slash, 404 for all else.
 */
export async function serveFolder(
  folder: string,
  { path = '/', headers = {} }: StaticServerOptions = {},
): Promise<StaticServer> {
  if (!existsSync(folder)) {
    throw new Error(`Nothing to serve at ${folder}. Build the page first: npm run build:playground`)
  }
  const prefix = `/${path}/`.replaceAll(/\/+/g, '/')
  const requests: StaticRequest[] = []
  const strays: StaticRequest[] = []

  const answer = async (method: string, asked: string, response: ServerResponse): Promise<void> => {
    const isInside = asked.startsWith(prefix)
    const file = isInside ? fileAt(folder, asked.slice(prefix.length)) : undefined
    const body = file === undefined ? undefined : await readFile(file).catch(() => undefined)
    const isRead = method === 'GET' || method === 'HEAD'
    const status = isRead ? (body === undefined ? 404 : 200) : 405
    const request: StaticRequest = { method, path: asked, status }
    requests.push(request)
    if (!isInside) strays.push(request)
    const isFound = status === 200 && file !== undefined && body !== undefined
    response.writeHead(status, {
      'cache-control': 'no-store',
      'content-type': isFound ? typeOf(file) : 'text/plain; charset=utf-8',
      ...headers,
    })
    response.end(method === 'HEAD' ? undefined : isFound ? body : `${status}\n`)
  }
  const server = createServer((request, response) => {
    answer(request.method ?? 'GET', request.url ?? '/', response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  const listening = await listen(server)
  const { port } = listening
  const urlAt = (host: string): string => `http://${host}:${port}${prefix}`
  return {
    url: urlAt('127.0.0.1'),
    origin: `http://127.0.0.1:${port}`,
    urlAt,
    requests,
    strays,
    close: () => listening.close(),
  }
}

/** The file of an address below the folder; undefined where there can be none. */
function fileAt(folder: string, address: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(address.replace(/[?#].*$/, ''))
  } catch {
    return undefined
  }
  const root = resolve(folder)
  const file = join(root, path === '' || path.endsWith('/') ? `${path}index.html` : path)
  return file.startsWith(root + sep) ? file : undefined
}

const types: { readonly [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

function typeOf(file: string): string {
  return types[extname(file)] ?? 'application/octet-stream'
}
