import { fail, sleep, soon } from './assert.ts'
import type { SimulatorOptions } from '@ratatoskr/testkit'
import type { FixtureDialect } from './dialects.ts'
import type { ConformanceCase, ConformanceContext } from './types.ts'

/** What the fixture server saw of a request; see server/fixture-server.mjs. */
export interface Observed {
  readonly count: number
  readonly started: boolean
  readonly finished: boolean
  readonly closedByClient: boolean
  readonly closedAfterMs: number | null
  readonly bytesWritten: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

let counter = 0

/** A name for a request, to be sent as its body's `user`. */
export const newId = (): string => `${(counter += 1)}-${Math.random().toString(36).slice(2)}`

export async function observe(context: ConformanceContext, id: string): Promise<Observed> {
  const response = await fetch(`${context.controlURL}/observed/${id}`)
  return (await response.json()) as Observed
}

/** Asks the server until it has seen what is waited for. */
export async function seen(
  context: ConformanceContext,
  id: string,
  what: string,
  condition: (observed: Observed) => boolean,
  ms = soon,
): Promise<Observed> {
  const deadline = performance.now() + ms
  for (;;) {
    const observed = await observe(context, id)
    if (condition(observed)) return observed
    if (performance.now() > deadline) {
      return fail(`${what}: not within ${ms} ms; the server saw ${brief(observed)}`)
    }
    await sleep(15)
  }
}

/** The law: the server observes the close at once. */
export const closed = (context: ConformanceContext, id: string, ms?: number): Promise<Observed> =>
  seen(context, id, 'the connection is closed', (observed) => observed.closedByClient, ms)

/**
 * Until the platform waits for the network again. Stopped in the instant after a chunk, Chromium
 * drains the body for up to `drainTime` in the hope to keep the connection, and only then closes.
 */
export const silence = (): Promise<void> => sleep(60)
export const drainTime = 6000

/** What is simulated: the simulator's options as JSON, and the script so many times. */
export type Simulated = Omit<SimulatorOptions, 'script'> & {
  script?: Exclude<SimulatorOptions['script'], (...args: never) => unknown>
  repeat?: number
}

/** The address below which every service is simulated, for the requests of one id. */
export const simulated = (context: ConformanceContext, id: string, setup: Simulated = {}): string =>
  `${originOf(context)}/simulated/${id}/${encodeURIComponent(JSON.stringify(setup))}`

/** The address below which every request is answered by a recording. */
export const recorded = (context: ConformanceContext, name: string): string =>
  `${originOf(context)}/recorded/${newId()}/${encodeURIComponent(name)}`

const originOf = ({ baseURL }: ConformanceContext): string => new URL(baseURL).origin

export function post(
  context: ConformanceContext,
  model: string,
  init: RequestInit & { id?: string; dialect?: FixtureDialect['name'] } = {},
): Promise<Response> {
  const { id = newId(), dialect, ...rest } = init
  if (dialect === 'anthropic') {
    return fetch(`${context.baseURL}/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': 'key-e2e',
        'anthropic-version': '2023-06-01',
        'anthropic-dangerous-direct-browser-access': 'true',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model, metadata: { user_id: id }, stream: true, messages: [] }),
      ...rest,
    })
  }
  return fetch(`${context.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-e2e', 'content-type': 'application/json' },
    body: JSON.stringify({ model, user: id, stream: true, messages: [] }),
    ...rest,
  })
}

const brief = ({ started, finished, closedByClient, bytesWritten }: Observed): string =>
  JSON.stringify({ started, finished, closedByClient, bytesWritten })

/** The last case: whatever the others did, no connection is left. */
export const leftOpen: ConformanceCase = {
  name: 'no connection is left open',
  async run(context) {
    for (let attempt = 0; ; attempt += 1) {
      const response = await fetch(`${context.controlURL}/open`)
      const open = (await response.json()) as readonly unknown[]
      if (open.length === 0) return
      if (attempt * 20 > drainTime) fail(`still open: ${JSON.stringify(open)}`)
      await sleep(20)
    }
  },
}
