import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGateway, user, type ChatStream } from 'ratatoskr'
import { closedPort } from '../../packages/ratatoskr/test/server.ts'
import { ask, fetchFrom } from './ask.ts'
import { FaultServer } from './fault-server.ts'
import { faults } from './faults.ts'
import type { Fault, Outcome } from './rows/fault.ts'
import { limitedProvider } from './limited-provider.ts'
import { textOf, wires, type Wire } from './wire.ts'

const server = new FaultServer()
const rejections: unknown[] = []
const onRejection = (reason: unknown): void => {
  rejections.push(reason)
}

beforeAll(() => server.start())
afterAll(() => server.stop())
beforeEach(() => {
  rejections.length = 0
  process.on('unhandledRejection', onRejection)
})
afterEach(async () => {
  // A test that waits here for ever has found a connection that nobody closes.
  await server.released()
  await new Promise((resolve) => setTimeout(resolve, 0))
  process.off('unhandledRejection', onRejection)
  expect(server.open).toBe(0)
  expect(rejections).toEqual([])
  expect(server.problems).toEqual([])
  expect(Object.keys(Object.prototype)).toEqual([])
  expect('polluted' in {}).toBe(false)
})

for (const [kind, rows] of Object.entries(faults)) {
  describe(kind, () => {
    describe.each(rows)('$name', (fault) => {
      test.each(wires.filter((wire) => fault.only?.(wire) ?? true))('$name', async (wire) => {
        await expectFault(fault, wire)
      })
    })
  })
}

async function expectFault(fault: Fault, wire: Wire): Promise<void> {
  const { timeouts, retry = false, options = {}, requests = 1, text, maxEventSize } = fault
  const { dialect, begun, whole } = wire
  const fetch = fetchFrom(server)
  const provider =
    maxEventSize === undefined
      ? dialect.provider(fetch)
      : limitedProvider(dialect, maxEventSize, fetch)
  server.serve((connection, request) => fault.answer(connection, wire, request))
  const { outcome, events, error } = await ask(provider, server, {
    retry,
    options,
    ...(timeouts !== undefined && { timeouts }),
  })
  const expected: Outcome = fault.but?.[wire.name] ?? fault.but?.[wire.framing] ?? fault.outcome
  if (outcome !== fault.or) expect(outcome, error?.message).toBe(expected)
  // A short timer may run out before the request has left.
  if (expected === 'opening timeout') expect(server.requests).toBeLessThanOrEqual(requests)
  else expect(server.requests).toBe(requests)

  const types = events.map(({ type }) => type)
  if (expected.startsWith('opening')) {
    expect(events).toEqual([])
    expect(error?.partial).toBeUndefined()
    return
  }
  if (expected === 'done') {
    expect(types.filter((type) => type === 'done')).toEqual(['done'])
    expect(types.at(-1)).toBe('done')
    if (text === undefined) expect(events).toEqual(whole)
    else expect(textOf(events)).toBe(text)
    return
  }
  expect(types).not.toContain('done')
  // What came before the failure was delivered, and is in the partial reply.
  expect(events).toEqual(fault.isEarly ? begun.slice(0, events.length) : begun)
  expect(error?.partial?.content).toBe(textOf(events))
  expect(error?.partial?.toolCalls).toHaveLength(
    types.filter((type) => type === 'tool_call_end').length,
  )
  expect(error?.partial?.finishReason).toBeUndefined()
}

describe('nobody listens', () => {
  test.each(wires)('$name: connection refused', async ({ dialect }) => {
    const url = await closedPort()
    const provider = dialect.provider(fetchFrom({ url }))
    const { outcome, error } = await ask(provider, server, { retry: false })
    expect(outcome).toBe('opening network')
    expect(error).toMatchObject({ retryable: true, provider: provider.name })
    expect(error?.message).toContain('ECONNREFUSED')
  })
})

describe.each(wires)('given up while the model is silent: $name', (wire) => {
  const open = async (options: { signal?: AbortSignal } = {}): Promise<ChatStream> => {
    server.serve(async (connection) => {
      await connection.head({ 'content-type': wire.dialect.contentType, 'content-length': '99999' })
      await connection.write(wire.begin)
    })
    const provider = wire.dialect.provider(fetchFrom(server))
    const gateway = createGateway({ providers: [provider], retry: false })
    return gateway.chatStream([user('Hello')], { model: 'squirrel', ...options })
  }

  test('break', async () => {
    for await (const _ of await open()) break
    await server.released()
  })

  test('cancel()', async () => {
    const stream = await open()
    expect(server.open).toBe(1)
    await stream.cancel()
    await server.released()
  })

  test('the signal, while a read waits', async () => {
    const controller = new AbortController()
    const stream = await open({ signal: controller.signal })
    const response = stream.response()
    controller.abort(new Error('my own'))
    await expect(response).rejects.toThrow('my own')
    await server.released()
  })

  test('the signal, before the head', async () => {
    const controller = new AbortController()
    server.serve(() => controller.abort(new Error('my own')))
    const provider = wire.dialect.provider(fetchFrom(server))
    const gateway = createGateway({ providers: [provider], retry: false })
    const { signal } = controller
    const opening = gateway.chatStream([user('Hello')], { model: 'squirrel', signal })
    await expect(opening).rejects.toThrow('my own')
    await server.released()
  })
})

test('silence or a reset behind the finish reason ends a reply that waits for usage', async () => {
  const waiting = wires.filter(({ name }) => /^(openai-chat|gemini|bedrock)/.test(name))
  const readings = waiting.flatMap((wire) =>
    [true, false].map(async (isSilent) => {
      const own = new FaultServer()
      await own.start()
      const told = wire.whole.filter(({ type }) => type !== 'usage' && type !== 'done')
      const ends = wire.dialect.boundaries(wire.body)
      // Chat Completions and Bedrock have usage behind the reason, Gemini beside it.
      const last = { 'openai-chat': -2, bedrock: -1 }[wire.name] ?? 0
      own.serve(async (connection) => {
        await connection.head({ 'content-type': wire.dialect.contentType })
        await connection.write(wire.body.subarray(0, ends.at(last - 1)))
        await connection.seen(told.length)
        if (!isSilent) connection.reset()
      })
      const provider = wire.dialect.provider(fetchFrom(own))
      const { outcome, events } = await ask(provider, own, { retry: false })
      await own.released()
      own.stop()
      return { name: wire.name, outcome, types: events.map(({ type }) => type) }
    }),
  )
  expect(await Promise.all(readings)).toEqual(
    waiting.flatMap(({ name, whole }) => {
      const types = whole.map(({ type }) => type)
      const read = /gemini/.test(name) ? types : types.filter((type) => type !== 'usage')
      return [1, 2].map(() => ({ name, outcome: 'done', types: read }))
    }),
  )
})
