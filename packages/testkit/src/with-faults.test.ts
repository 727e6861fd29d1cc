import { describe, expect, test } from 'vitest'
import type { ErrorCode } from 'ratatoskr'
import { ask, bytesOf, dialectNames, observed } from '../test/ask.ts'
import type { Fault } from './fault.ts'
import { simulatorFetch } from './simulator.ts'
import { withFaults } from './with-faults.ts'

const script = [{ text: 'one two three four five' }]

/** The fault, and the code with which the reply fails: one for all, or by dialect. */
const table: readonly (readonly [
  Fault,
  ErrorCode | 'none' | [ErrorCode | 'none', ErrorCode | 'none'],
])[] = [
  [{ kind: 'cut' }, 'truncated'],
  [{ kind: 'cut', afterEvents: 3 }, 'truncated'],
  [{ kind: 'cut', afterBytes: 400 }, 'truncated'],
  [{ kind: 'reset' }, 'network'],
  [{ kind: 'reset', afterEvents: 4 }, 'truncated'],
  [{ kind: 'stall' }, 'timeout'],
  [{ kind: 'stall', afterEvents: 4 }, 'timeout'],
  [{ kind: 'error' }, 'overloaded'],
  [{ kind: 'error', afterEvents: 4 }, 'overloaded'],
  [{ kind: 'error', afterEvents: 4, code: 'rate_limited', message: 'Slow down' }, 'rate_limited'],
  [{ kind: 'badJson', event: 4 }, 'protocol'],
  [{ kind: 'contentType' }, 'protocol'],
  [{ kind: 'status', status: 400 }, 'invalid_request'],
  [{ kind: 'status', status: 401 }, 'authentication'],
  [{ kind: 'status', status: 403 }, 'permission'],
  [{ kind: 'status', status: 404 }, ['model_not_found', 'configuration']],
  [{ kind: 'status', status: 429, retryAfter: 2 }, 'rate_limited'],
  [{ kind: 'status', status: 500 }, 'api'],
  [{ kind: 'status', status: 503 }, 'overloaded'],
  [{ kind: 'status', status: 529 }, 'overloaded'],
  [{ kind: 'status', status: 502, body: '<h1>Bad Gateway</h1>' }, 'api'],
  [{ kind: 'noEnd' }, ['none', 'truncated']],
  [{ kind: 'drip', size: 7, delay: 0 }, 'none'],
]

describe.each(dialectNames)('%s', (dialect) => {
  const good = ask(dialect, simulatorFetch({ script }))

  test.each(table)('%j ends with %s', async (fault, codes) => {
    const code = typeof codes === 'string' ? codes : codes[dialect === 'openai-chat' ? 0 : 1]
    const fetch = simulatorFetch({ script, faults: [fault] })
    // Only silence is to run out of time, however busy the machine is.
    const timeouts = code === 'timeout' && { idle: 50, firstEvent: 50 }
    const { events, error } = await ask(dialect, fetch, {}, undefined, timeouts)
    expect(error?.code ?? 'none').toBe(code)
    const whole = (await good).events
    if (code === 'none') expect(events).toEqual(whole)
    else expect(events.some(({ type }) => type === 'done')).toBe(false)
    if (fault.kind === 'status' && fault.retryAfter) expect(error?.retryAfter).toBe(2000)
  })

  test('it happens to the requests that it is for', async () => {
    const faults: Fault[] = [
      { kind: 'status', status: 529, on: 2 },
      { kind: 'cut', afterEvents: 3, times: 1 },
    ]
    const fetch = simulatorFetch({ script, faults })
    expect((await ask(dialect, fetch)).error?.code).toBe('truncated')
    expect((await ask(dialect, fetch)).error?.code).toBe('overloaded')
    expect((await ask(dialect, fetch)).error).toBeUndefined()
  })

  test('what came before a fault is delivered', async () => {
    const faults: Fault[] = [{ kind: 'reset', afterEvents: dialect === 'openai-chat' ? 2 : 4 }]
    const { events } = await ask(dialect, simulatorFetch({ script, faults }))
    expect(events).toEqual([{ type: 'content', text: 'one two' }])
  })

  test('an event that comes twice counts twice, but for the first of a message', async () => {
    const faults: Fault[] = [{ kind: 'duplicate', event: 1 }]
    const { events } = await ask(dialect, simulatorFetch({ script, faults }))
    const text = dialect === 'anthropic' ? 'one two' : 'oneone two'
    expect(events[0]).toEqual({ type: 'content', text: `${text} three four five` })
  })

  test('the same happens in the middle of a script', async () => {
    const begin = { text: 'one' }
    const run = (kind: 'cut' | 'reset' | 'stall' | 'badJson' | 'error') =>
      ask(
        dialect,
        simulatorFetch({ script: [begin, { fault: { kind } }, { text: 'two' }] }),
        {},
        undefined,
        kind === 'stall' && { idle: 50 },
      )
    expect((await run('cut')).error?.code).toBe('truncated')
    expect((await run('reset')).error?.code).toBe('truncated')
    expect((await run('stall')).error?.code).toBe('timeout')
    expect((await run('badJson')).error?.code).toBe('protocol')
    const failed = await run('error')
    expect(failed.error?.code).toBe('overloaded')
    expect(failed.events).toEqual([{ type: 'content', text: 'one' }])
  })
})

describe('over any response', () => {
  const events = ['data: {"a":1}\n\n', ': life\n\n', 'data: {"a":2}\n\n', 'data: [DONE]\n\n']
  const headers = { 'content-type': 'text/event-stream' }
  const text = (faults: Fault[], pieces: readonly string[] = events, type = headers) =>
    withFaults(new Response(observed(pieces).stream, { headers: type }), faults).text()

  test('comments are no events', async () => {
    expect(await text([{ kind: 'cut', afterEvents: 2 }])).toBe(events.slice(0, 3).join(''))
    expect(await text([{ kind: 'duplicate', event: 2 }])).toBe(
      [...events.slice(0, 3), ...events.slice(2)].join(''),
    )
    expect(await text([{ kind: 'noEnd' }])).toBe(events.slice(0, 3).join(''))
    expect(await text([{ kind: 'badJson', event: 2 }])).toBe(
      events.join('').replace('{"a":2}', '{"a"'),
    )
  })

  test('bytes are counted, whatever the chunks', async () => {
    for (const pieces of [events, [events.join('')], events.join('').split('')]) {
      expect(await text([{ kind: 'cut', afterBytes: 20 }], pieces)).toBe(
        events.join('').slice(0, 20),
      )
    }
  })

  test('lines are events where the type says so', async () => {
    const lines = { 'content-type': 'application/x-ndjson' }
    const cut = await text([{ kind: 'cut', afterEvents: 1 }], ['{"a":1}\n{"a":2}\n'], lines)
    expect(cut).toBe('{"a":1}\n')
  })

  test('several are laid over each other', async () => {
    const faults: Fault[] = [
      { kind: 'duplicate', event: 1 },
      { kind: 'cut', afterEvents: 2 },
    ]
    expect(await text(faults)).toBe(`${events[0]}${events[0]}`)
  })

  test('an error is in the words of the service', async () => {
    const over = (dialect: 'openai-chat' | 'anthropic') =>
      withFaults(new Response(observed(events).stream, { headers }), [{ kind: 'error' }], {
        dialect,
      }).text()
    expect(await over('anthropic')).toMatch(/^event: error\ndata: \{"type":"error"/)
    expect(await over('openai-chat')).toMatch(/^data: \{"error":/)
  })

  test('a stalled body ends when it is cancelled, and its source with it', async () => {
    const source = observed(events, 'silence')
    const response = withFaults(new Response(source.stream, { headers }), [
      { kind: 'stall', afterEvents: 1 },
    ])
    const reader = response.body?.getReader()
    await reader?.read()
    const waiting = reader?.read()
    await reader?.cancel()
    expect((await waiting)?.done).toBe(true)
    expect(source.cancelled).toBe(true)
  })

  test('the source is given up where nothing is read of it', async () => {
    for (const fault of [
      { kind: 'status', status: 500 },
      { kind: 'contentType' },
      { kind: 'cut' },
    ] as const) {
      const source = observed(events)
      await withFaults(new Response(source.stream, { headers }), [fault]).text()
      expect(source).toMatchObject({ cancelled: true, pulls: 0 })
    }
  })

  test('nothing is read but for a waiting reader', async () => {
    const source = observed(events)
    const { body } = withFaults(new Response(source.stream, { headers }), [
      { kind: 'duplicate', event: 9 },
    ])
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(source.pulls).toBe(0)
    expect(await bytesOf(body ?? new ReadableStream())).toHaveLength(4)
  })
})
