import type { RelayOptions } from './server/relay-options.ts'

/** Makes the server's handler. */
export function createRelay(_options: RelayOptions): (request: Request) => Promise<Response> {
  return async () => Response.json({ message: 'The relay is not built yet.' }, { status: 501 })
}
