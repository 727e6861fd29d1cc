import type { IncomingMessage, ServerResponse } from 'node:http'
import { simulator } from '@ratatoskr/testkit'
import { middleware } from '@ratatoskr/testkit/node'
import { connections } from '../src/providers/connections.ts'
import { isSimulatedPath, simulationAt } from '../src/simulated/simulation.ts'
import { createDevRelay, relayPath } from './dev-relay.ts'
import { isLoopback, isLoopbackHost } from './loopback.ts'

const simulated = middleware(simulator((request) => simulationAt(request.url)))
let relay: ReturnType<typeof createDevRelay> | undefined

/**
 * Answers for what the dev server has besides the page: the simulated provider at real addresses,
 * a relay, and the keys of its environment. None of it is in the static build.
 */
export function answer(request: IncomingMessage, response: ServerResponse): boolean {
  const url = request.url ?? ''
  if (isSimulatedPath(url)) {
    simulated(request, response)
    return true
  }
  if (url.startsWith(`${relayPath}/`)) {
    relay ??= createDevRelay(new Map(Object.entries(keysOf(process.env))))
    relay(request, response)
    return true
  }
  if (url !== '/keys.json') return false
  const mayHave = isThisMachinesPage(request)
  response.writeHead(mayHave ? 200 : 403, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(mayHave ? keysOf(process.env) : {}))
  return true
}

/** A key is for the page on this machine alone: not for another site, nor another computer. */
function isThisMachinesPage({ headers, socket }: IncomingMessage): boolean {
  return (
    headers['sec-fetch-site'] === 'same-origin' &&
    isLoopbackHost(headers.host ?? '') &&
    isLoopback(socket.remoteAddress ?? '')
  )
}

/** The keys that stand in an environment, by connection. */
export function keysOf(environment: { readonly [name: string]: string | undefined }): {
  [id: string]: string
} {
  const keys: { [id: string]: string } = {}
  for (const { id, keyVariable = '' } of connections) {
    const key = environment[keyVariable]?.trim() ?? ''
    if (key !== '') keys[id] = key
  }
  return keys
}
