import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

/** The page as `npm run dev` serves it. */
export interface DevPage {
  /** With a slash at the end. */
  readonly url: string
  /** Breaks all connections that there are. */
  cut(): void
  close(): Promise<void>
}

/** Starts the dev server in this process, whose environment and `fetch` are the server's. */
export async function serveDevPage(): Promise<DevPage> {
  const server = await createServer({
    configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
    logLevel: 'error',
    // Nobody edits the page meanwhile.
    server: { host: '127.0.0.1', port: 41_000, hmr: false, watch: null },
  })
  const sockets = new Set<Socket>()
  server.httpServer?.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  // The next free port where it is taken.
  await server.listen()
  const [url] = server.resolvedUrls?.local ?? []
  if (url === undefined) throw new Error('The dev server has no address.')
  return {
    url,
    cut,
    async close() {
      cut()
      await server.close()
    },
  }
}
