import type { Server } from 'node:http'

/** A server of node:http that listens. */
export interface Listening {
  readonly port: number
  /** Closes it, and all connections. */
  close(): Promise<void>
}

/** Lets a server listen on 127.0.0.1, on a port that is free. */
export async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
