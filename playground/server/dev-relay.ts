import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRelay, type Caller } from '@ratatoskr/relay'
import { simulatorFetch } from '@ratatoskr/testkit'
import { createGateway, type Provider } from 'ratatoskr'
import type { NodeHttp1Handler } from 'srvx'
import { toNodeHandler } from 'srvx/node'
import { connections } from '../src/providers/connections.ts'
import { byDialect } from '../src/providers/line.ts'
import { relayedSimulation, simulatedModel } from '../src/relay/relayed-simulation.ts'
import { simulatedURL, simulationAt } from '../src/simulated/simulation.ts'
import { isLoopback, isLoopbackHost } from './loopback.ts'

/** Where the dev server has its relay. */
export const relayPath = '/relay'

const simulatedModels = [simulatedModel, `${simulatedModel}/*`]

/**
 * A relay in front of the simulated provider, and of the providers whose keys are given. It is for this machine alone: all of it for
 * the dev server's own page; the simulated model, which costs nothing, for other programs.
 */
export function createDevRelay(
  keys: ReadonlyMap<string, string>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const real = providersOf(keys)
  const relay = createRelay({
    gateway: createGateway({ providers: [simulated(), ...real] }),
    authorize,
    models: [...simulatedModels, ...real.map(({ name }) => `${name}:*`)],
    secrets: [...keys.values()],
    basePath: relayPath,
  })
  // It is one for HTTP/2 as well.
  const handle = toNodeHandler(relay) as NodeHttp1Handler
  return (request, response) => {
    void handle(request, response)
  }
}

/** Who asks: nobody from elsewhere, and no page of another origin. There is no key to know. */
function authorize(request: Request): Caller | undefined {
  const ip = 'ip' in request && typeof request.ip === 'string' ? request.ip : ''
  const { host } = new URL(request.url)
  // A name of somebody else's may lead to this machine.
  if (!isLoopback(ip) || !isLoopbackHost(host)) return undefined
  const site = request.headers.get('sec-fetch-site')
  if (site === 'same-origin') return { id: 'page' }
  return site === null ? { id: 'program', models: simulatedModels } : undefined
}

/** The providers that have a key, one for each. */
function providersOf(keys: ReadonlyMap<string, string>): Provider[] {
  const taken = new Set<string>()
  return connections.flatMap(({ id, keyVariable, connect }) => {
    const apiKey = keys.get(id)
    if (apiKey === undefined || keyVariable === undefined || taken.has(keyVariable)) return []
    taken.add(keyVariable)
    return [connect({ apiKey, fetch: (url, init) => fetch(url, init) })]
  })
}

/** The simulated provider in this process: the model's name says what it plays, and in which format. */
function simulated(): Provider {
  const answer = simulatorFetch(({ url }) => simulationAt(url))
  return {
    name: 'simulated',
    accepts: () => true,
    open(request, context) {
      const { simulation, dialect } = relayedSimulation(request.model)
      const baseURL = simulatedURL('http://simulated.invalid', simulation)
      const provider = byDialect[dialect]({ baseURL, fetch: (url, init) => answer(url, init) })
      return provider.open({ ...request, model: 'squirrel-1' }, context)
    },
  }
}
