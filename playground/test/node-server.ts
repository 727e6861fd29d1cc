import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'

/** What a {@link NodeServer} has answered. */
export interface Answered {
  status: number | undefined
  headers: IncomingHttpHeaders
  text: string
}

/** A server on 127.0.0.1. */
export interface NodeServer {
  readonly origin: string
  /** Asks with headers of one's own choice, which `fetch` would not send. */
  ask(
    method: string,
    path: string,
    headers?: { readonly [name: string]: string },
    body?: string,
  ): Promise<Answered>
  close(): void
}

/** Starts one with a handler of Node's. */
export async function startNodeServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<NodeServer> {
  const host = '127.0.0.1'
  const server = createServer(handle)
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    origin: `http://${host}:${port}`,
    ask: (method, path, headers = {}, body) =>
      new Promise((resolve, reject) => {
        const asked = request({ port, host, path, method, headers }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (piece: string) => (text += piece))
          response.on('end', () =>
            resolve({ status: response.statusCode, headers: response.headers, text }),
          )
        })
        asked.on('error', reject)
        asked.end(body)
      }),
    close: () => server.close(),
  }
}
