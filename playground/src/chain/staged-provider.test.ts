import { createGateway, isRatatoskrError, user, type ChatEvent, type Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { simulatorFetch, type SimulatorOptions } from '@ratatoskr/testkit'
import { describe, expect, test } from 'vitest'
import { byDialect } from '../providers/line.ts'
import { faults, scripts } from '../simulated/simulation.ts'
import { stagedProvider, type Fetch } from './staged-provider.ts'
import { dialectLabels, isDialect, type DialectName } from './stages.ts'
import { Trace } from './trace.ts'

const dialects = Object.keys(dialectLabels).filter(isDialect)
const connectOf =
  (dialect: DialectName) =>
  (fetch: Fetch): Provider =>
    byDialect[dialect]({ baseURL: 'https://sim.test/v1', fetch })

/** The events of a reply, and how it ended: with the code of an error, or whole. */
async function outcome(provider: Provider): Promise<{ events: ChatEvent[]; end: string }> {
  const events: ChatEvent[] = []
  try {
    const gateway = createGateway({ providers: [provider], retry: false })
    const options = { model: 'squirrel-1', includeProviderEvents: true }
    for await (const event of await gateway.chatStream([user('Go')], options)) events.push(event)
    return { events, end: 'whole' }
  } catch (error) {
    return { events, end: isRatatoskrError(error) ? error.code : String(error) }
  }
}

async function both(dialect: DialectName, setup: SimulatorOptions) {
  const connect = connectOf(dialect)
  // Each its own simulator, for ids count up; `created` is the clock's, and is left out.
  const trace = new Trace()
  const fetch: Fetch = simulatorFetch({ ...setup, keys: false })
  const staged = await outcome(stagedProvider({ connect, fetch, dialect, trace: trace.restart() }))
  const own = await outcome(connect(simulatorFetch({ ...setup, keys: false })))
  return { staged: withoutClock(staged), own: withoutClock(own), trace }
}

function withoutClock(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value).replaceAll(/"(created|created_at)":("[^"]*"|\d+)/g, '"$1":0'),
  )
}

describe.each(dialects)('a reply read stage by stage is that of the provider: %s', (dialect) => {
  test.each(scripts.filter(({ id }) => id !== 'long'))('script $id', async ({ play }) => {
    const { staged, own, trace } = await both(dialect, play === undefined ? {} : { script: play })
    expect(staged).toEqual(own)
    expect(staged).toMatchObject({ end: 'whole' })
    expect(trace.bytes).toBeGreaterThan(0)
    expect(trace.values.total).toBe(trace.frames.total)
  })

  // Without those that take their time: silence, and a byte each millisecond.
  test.each(faults.filter(({ id }) => id !== 'stall' && id !== 'drip'))(
    'fault $id',
    async ({ faults: given }) => {
      const { staged, own } = await both(dialect, { script: 'reasoning', faults: [...given] })
      expect(staged).toEqual(own)
    },
  )

  test.each([1, 7, 'event'] as const)('split %s', async (split) => {
    const { staged, own } = await both(dialect, { script: 'unicode', split })
    expect(staged).toEqual(own)
  })
})

test('a key does not stand in the trace', async () => {
  const trace = new Trace()
  const connect = (fetch: Fetch): Provider =>
    anthropic({ apiKey: 'sk-secret', baseURL: 'https://sim.test/v1', fetch })
  const fetch: Fetch = simulatorFetch({ script: 'prose', keys: false })
  await outcome(stagedProvider({ connect, fetch, dialect: 'anthropic', trace: trace.restart() }))
  const shown = Array.from({ length: trace.transfers.total }, (_, i) => trace.transfers.at(i))
  expect(JSON.stringify(shown)).toContain('(hidden)')
  expect(JSON.stringify(shown)).not.toContain('sk-secret')
})
