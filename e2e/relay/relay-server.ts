import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { middleware, type Handler } from '@ratatoskr/testkit/node'

/** A server on 127.0.0.1 that can lose its connections. */
export interface RelayServer {
  readonly url: string
  /** What was asked, preflights left out: `POST /chat`. */
  readonly requests: readonly string[]
  /** Answers like this from now on. */
  use(handler: Handler): void
  forget(): void
  /** Breaks all connections. */
  cut(): void
  /** Until `up`, nobody is there. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

/** Starts one. */
export async function startRelayServer(): Promise<RelayServer> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  let handler: Handler = () => new Response(null, { status: 404 })
  let port = 0
  let server: Server
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const up = async (): Promise<void> => {
    server = createServer(
      middleware((request) => {
        if (request.method !== 'OPTIONS') {
          requests.push(`${request.method} ${new URL(request.url).pathname}`)
        }
        return handler(request)
      }),
    )
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    ;({ port } = server.address() as AddressInfo)
  }
  const down = async (): Promise<void> => {
    const closed = new Promise((resolve) => {
      server.close(resolve)
    })
    cut()
    await closed
  }
  await up()
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    use(next) {
      handler = next
    },
    forget() {
      requests.length = 0
    },
    cut,
    down,
    up,
    close: down,
  }
}
