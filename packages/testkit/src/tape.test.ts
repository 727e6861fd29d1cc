import { isRatatoskrError, user, type ChatEvent } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { ask, bytesOf, dialectNames, gatewayOf, key, observed } from '../test/ask.ts'
import { collectTape } from './collect-tape.ts'
import { record } from './record.ts'
import { replay } from './replay.ts'
import type { Asked } from './asked.ts'
import { namedScript, scriptNames } from './named-script.ts'
import type { Script } from './script.ts'
import { simulatorFetch, type FetchLike } from './simulator.ts'
import { parseTape, stringifyTape, tapeFromBytes, type Tape } from './tape.ts'

const url = 'http://simulated.test/v1/chat/completions'
const sse = { 'content-type': 'text/event-stream' }

/** The first tape, as it comes out of its file. */
function only(tapes: readonly Tape[]): Tape {
  const [tape] = tapes
  if (tape === undefined || tapes.length > 1) throw new Error(`${tapes.length} tapes`)
  return parseTape(stringifyTape(tape))
}

const answering =
  (
    pieces: readonly string[],
    end?: 'close' | 'silence' | 'error',
    headers: object = sse,
  ): FetchLike =>
  () =>
    Promise.resolve(new Response(observed(pieces, end).stream, { headers: { ...headers } }))

describe.each(dialectNames)('%s', (dialect) => {
  test.each(scriptNames)('a reply of %s is replayed as it was', async (name) => {
    const script = (asked: Asked): Script => namedScript(name, asked, { words: 200 })
    const { fetch, tapes } = record({ fetch: simulatorFetch({ script, split: { seed: 2 } }) })
    const live = await ask(dialect, fetch)
    const tape = only(tapes)
    expect(live.error).toBeUndefined()
    expect((await ask(dialect, replay(tape))).events).toEqual(live.events)
    for (const split of ['event', 'byte', 1000] as const) {
      expect((await ask(dialect, replay(tape, { split }))).events).toEqual(live.events)
    }
    const done = live.events.at(-1)
    const { finishReason } = await collectTape(tape)
    expect(done).toMatchObject({ type: 'done', finishReason })
  })

  test('a reply that failed fails the same from its tape', async () => {
    for (const fault of [
      { kind: 'cut', afterEvents: 4 },
      { kind: 'reset', afterEvents: 4 },
      { kind: 'error', afterEvents: 4 },
      { kind: 'badJson', event: 4 },
      { kind: 'contentType' },
      { kind: 'status', status: 429, retryAfter: 2 },
    ] as const) {
      const { fetch, tapes } = record({ fetch: simulatorFetch({ faults: [fault] }) })
      const live = await ask(dialect, fetch)
      expect(live.error).toBeDefined()
      const again = await collectTape(only(tapes)).catch((error: unknown) => error)
      if (!isRatatoskrError(again)) throw new Error('It did not fail')
      const { code, status, retryAfter, partial } = live.error ?? {}
      expect(again).toMatchObject({ code })
      expect([again.status, again.retryAfter]).toEqual([status, retryAfter])
      expect(again.partial?.content).toBe(partial?.content)
    }
  })

  test('a reply that was stopped is on tape up to there', async () => {
    const script = [{ text: 'one two three' }, { wait: 1e9 }, { text: 'four' }]
    for (const stop of ['abort', 'break'] as const) {
      const { fetch, tapes } = record({ fetch: simulatorFetch({ script }) })
      const controller = new AbortController()
      const stream = await gatewayOf(dialect, fetch).chatStream([user('Hi')], {
        model: 'm',
        signal: controller.signal,
      })
      const events: ChatEvent[] = []
      const reader = stream.getReader()
      for (let i = 0; i < 3; i += 1) {
        const { value } = await reader.read()
        if (value) events.push(value)
      }
      if (stop === 'abort') {
        const waiting = reader.read().catch(() => {})
        controller.abort()
        await waiting
      } else {
        await reader.cancel()
      }
      await new Promise((resolve) => setTimeout(resolve, 0))
      const tape = only(tapes)
      expect(tape.end.how).toMatch(/^(abort|cancel)$/)
      const { error } = await ask(dialect, replay(tape))
      expect(error).toMatchObject({ code: 'truncated', partial: { content: 'one two three' } })
      expect(events).toHaveLength(3)
    }
  })

  test('no key gets into a tape, wherever it was sent and whoever repeats it', async () => {
    const secret = 'another-secret-42'
    const echo = simulatorFetch({ script: 'echo', split: 5 })
    const { fetch, tapes } = record({
      keepBody: true,
      fetch: async (address, init) => {
        const response = await echo(address, init)
        response.headers.set('set-cookie', 'session=1')
        response.headers.set('x-said', `you sent ${key}`)
        return response
      },
    })
    const signed: FetchLike = (address, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-signature-of-mine', secret)
      headers.set('cookie', 'a=b')
      return fetch(`${address as string}?api-version=1&api_key=${secret}`, { ...init, headers })
    }
    const messages = [user(`My keys are ${key} and ${secret}.`)]
    const { error } = await ask(dialect, signed, {}, messages)
    expect(error).toBeUndefined()
    const tape = only(tapes)
    const text = stringifyTape(tape)
    expect(text).not.toContain(key)
    expect(text).not.toContain(secret)
    expect(text).not.toContain('cookie')
    expect(tape.request.url).toMatch(/\?api-version=1$/)
    const said = (await collectTape(tape)).content
    expect(said).toBe(`My keys are ${'*'.repeat(key.length)} and ${'*'.repeat(secret.length)}.`)
  })
})

describe('record', () => {
  test('keeps bytes, chunks and their order, text or not', async () => {
    const bytes = [[0xef, 0xbb, 0xbf, 0x41], [0xc3], [0xa9, 0x42], [0xff, 0x00]].map((list) =>
      Uint8Array.from(list),
    )
    const left = [...bytes]
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = left.shift()
        if (next) controller.enqueue(next)
        else controller.close()
      },
    })
    const { fetch, tapes } = record({ fetch: () => Promise.resolve(new Response(body)) })
    const read = await bytesOf((await fetch(url)).body ?? new ReadableStream())
    expect(read).toEqual(bytes)
    const tape = only(tapes)
    expect(tape.chunks.map(({ text }) => text)).toEqual([
      '\uFEFFA',
      undefined,
      undefined,
      undefined,
    ])
    const again = await bytesOf((await replay(tape)(url)).body ?? new ReadableStream())
    expect(again).toEqual(bytes)
  })

  test('hands chunks on one by one, only to a reader, and passes a cancel on', async () => {
    const source = observed(['a', 'b', 'c'], 'silence')
    const { fetch, tapes } = record({ fetch: () => Promise.resolve(new Response(source.stream)) })
    const reader = (await fetch(url)).body?.getReader()
    expect(source.pulls).toBe(0)
    await reader?.read()
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(source.pulls).toBe(1)
    await reader?.cancel()
    expect(source.cancelled).toBe(true)
    expect(only(tapes)).toMatchObject({ chunks: [{ text: 'a' }], end: { how: 'cancel' } })
  })

  test('tells how a body ended', async () => {
    const { fetch, tapes } = record({ fetch: answering(['a'], 'error') })
    await expect((await fetch(url)).text()).rejects.toThrow('broken')
    expect(only(tapes).end).toMatchObject({ how: 'error', message: 'broken' })
    await expect((await replay(only(tapes))(url)).text()).rejects.toThrow('broken')

    const aborted = record({ fetch: answering(['a'], 'silence') })
    const stop = new AbortController()
    await aborted.fetch(url, { signal: stop.signal })
    stop.abort()
    expect(only(aborted.tapes).end.how).toBe('abort')

    const empty = record({ fetch: () => Promise.resolve(new Response(null, { status: 204 })) })
    await empty.fetch(url)
    expect(only(empty.tapes)).toMatchObject({ response: { status: 204 }, chunks: [] })
    expect((await replay(only(empty.tapes))(url)).status).toBe(204)
  })

  test('gives each tape when its reply is over, the request’s body only where it is asked for', async () => {
    const seen: Tape[] = []
    const init = { method: 'POST', body: 'the prompt', headers: { 'anthropic-version': '1' } }
    const plain = record({ fetch: answering(['a']), onTape: (tape) => seen.push(tape) })
    await (await plain.fetch(new URL(url), init)).text()
    expect(seen).toEqual(plain.tapes)
    expect(seen[0]?.request).toEqual({
      method: 'POST',
      url,
      headers: { 'anthropic-version': '1' },
    })
    const kept = record({ fetch: answering(['a']), keepBody: true })
    await (await kept.fetch(new Request(url, init))).text()
    expect(only(kept.tapes).request.body).toBe('the prompt')
  })

  test('a fetch that fails leaves no tape', async () => {
    const { fetch, tapes } = record({ fetch: () => Promise.reject(new TypeError('no')) })
    await expect(fetch(url)).rejects.toThrow('no')
    expect(tapes).toEqual([])
  })
})

describe('replay', () => {
  const tape = tapeFromBytes(
    [1, 2, 3].map((n) => new TextEncoder().encode(`data: ${n}\n\n`)),
    {
      delay: 1000,
    },
  )

  test('without pauses, or as fast as it is told', async () => {
    const start = performance.now()
    await (await replay(tape)(url)).text()
    expect(performance.now() - start).toBeLessThan(1000)
    const paced = performance.now()
    await (await replay(tape, { speed: 100 })(url)).text()
    expect(performance.now() - paced).toBeGreaterThanOrEqual(18)
  })

  test('stops at once when its signal aborts', async () => {
    const stop = new AbortController()
    const response = await replay(tape, { speed: 0.001 })(url, { signal: stop.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    const waiting = reader?.read()
    const reason = new Error('stop')
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(replay(tape)(url, { signal: stop.signal })).rejects.toBe(reason)
  })

  test('one tape answers all, several one after the other', async () => {
    const texts = async (fetch: FetchLike, count: number) => {
      const all: string[] = []
      for (let i = 0; i < count; i += 1) all.push(await (await fetch(url)).text())
      return all
    }
    const [a, b] = [tapeFromBytes('a'), tapeFromBytes('b')]
    expect(await texts(replay(a), 2)).toEqual(['a', 'a'])
    expect(await texts(replay([a, b]), 2)).toEqual(['a', 'b'])
    expect(await texts(replay([a, b], { loop: true }), 3)).toEqual(['a', 'b', 'a'])
    await expect(texts(replay([a, b]), 3)).rejects.toMatchObject({ code: 'configuration' })
    await expect(replay([])(url)).rejects.toMatchObject({ code: 'configuration' })
  })

  test('faults are laid over a tape', async () => {
    const fetch = replay(tape, { faults: [{ kind: 'status', status: 529, on: 1 }] })
    expect((await fetch(url)).status).toBe(529)
    expect((await fetch(url)).status).toBe(200)
  })
})

describe('parseTape', () => {
  const good = tapeFromBytes('data: 1\n\n', { note: 'mine', status: 500, headers: { a: 'b' } })

  test('takes what stringifyTape writes', () => {
    expect(parseTape(stringifyTape(good))).toEqual(good)
    expect(parseTape(good)).toBe(good)
  })

  test.each([
    ['nonsense', 'it is no JSON'],
    [[], 'it is no object'],
    [null, 'it is no object'],
    [{ ...good, tape: 2 }, '.tape must be 1'],
    [{ ...good, chunks: undefined }, '.chunks is missing'],
    [{ ...good, chunks: {} }, '.chunks is no array'],
    [{ ...good, chunks: [{ text: 'a' }] }, '.chunks.0.at is missing'],
    [{ ...good, chunks: [{ at: 1 }] }, '.chunks.0 must have text or base64'],
    [{ ...good, chunks: [{ at: 1, text: 'a', base64: 'b' }] }, '.chunks.0 must have'],
    [{ ...good, chunks: [{ at: 1, base64: '?' }] }, '.chunks.0.base64 is no base64'],
    [{ ...good, chunks: [{ at: 'x', text: 'a' }] }, '.chunks.0.at is no number'],
    [{ ...good, response: { ...good.response, status: 99 } }, '.response.status must be'],
    [
      { ...good, response: { ...good.response, headers: { a: 1 } } },
      '.response.headers.a is no string',
    ],
    [
      { ...good, response: { ...good.response, headers: { 'a b': 'c' } } },
      '.response.headers holds what is no header',
    ],
    [
      { ...good, response: { ...good.response, headers: { a: 'b\nc' } } },
      '.response.headers holds what is no header',
    ],
    [{ ...good, request: { ...good.request, url: undefined } }, '.request.url is missing'],
    [
      { ...good, request: { ...good.request, headers: null } },
      '.request.headers must be an object',
    ],
    [{ ...good, end: { at: 1, how: 'badly' } }, '.end.how must be'],
  ])('names what is wrong with %j', (source, problem) => {
    const parse = (): Tape =>
      parseTape(typeof source === 'string' ? source : JSON.stringify(source))
    expect(parse).toThrow(problem)
    expect(parse).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error)
  })
})
