// Replies that pause, or break off. Time is virtual: each chunk is read before the next is sent.
import type { ChatEvent, ChatStream, RatatoskrError } from 'ratatoskr'
import { collect, user } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { counts, eventsOf, failure, formats, Mock, openRouterFormat } from './mock.ts'
import {
  answerSlowly,
  callsOf,
  chunksUntil,
  replies,
  size,
  text,
  textOf,
  thoughts,
  weather,
} from './slow-replies.ts'
import {
  isSettled,
  latency,
  pass,
  passUntil,
  play,
  useVirtualTime,
  type Paused,
} from './virtual-time.ts'

const mock = Mock.forEachTest()
useVirtualTime()

/** A cut reply: all that had come is told, and of its calls those are whole that were closed. */
function expectCut(
  error: RatatoskrError,
  { events, stream }: Pick<Paused, 'events' | 'stream'>,
  code: 'truncated' | 'timeout' = 'truncated',
): void {
  const { partial } = error
  const thought = textOf(events, 'reasoning')
  const { whole, cut } = callsOf(events)
  expect(error.code).toBe(code)
  expect(error.requestId).toBe(mock.llm.getLastRequest()?.headers['x-request-id'])
  expect(partial).toStrictEqual({
    content: textOf(events, 'content'),
    ...(thought && { reasoning: thought }),
    toolCalls: whole,
    ...(cut[0] && { incompleteToolCalls: cut }),
    message: {
      role: 'assistant',
      content: textOf(events, 'content'),
      ...(thought && { reasoning: thought }),
      ...(whole[0] && { toolCalls: whole }),
    },
  })
  expect(stream.partial).toStrictEqual(partial)
  expect(events.map(({ type }) => type)).not.toContain('done')
}

/** Reads to the end, which is a failure. */
async function readOut({
  stream,
  iterator,
  events,
}: Paused): Promise<{ error: RatatoskrError; stream: ChatStream; events: ChatEvent[] }> {
  const all = [...events]
  const error = await failure(
    (async () => {
      for (;;) {
        const { done, value } = await iterator.next()
        if (done) return
        all.push(value)
      }
    })(),
  )
  return { error, stream, events: all }
}

/** As through a proxy that does not pass it on that the connection behind it broke. */
async function endingProperly(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  const reader = response.body?.getReader()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value } = (await reader?.read()) ?? {}
        if (value) controller.enqueue(value)
        else controller.close()
      } catch {
        controller.close()
      }
    },
    cancel: () => reader?.cancel(),
  })
  return new Response(body, response)
}

describe.each(formats)('a slow reply of $name', (format) => {
  test.each(replies)('of $name comes piece by piece', async ({ sent, parts }) => {
    const { wire, model } = format
    const chunks = wire.chunks(parts, size)
    answerSlowly(mock, { id: 'reply-1', ...sent })
    const opening = mock.ask(format)
    opening.catch(() => {})
    await mock.requested()
    expect(await isSettled(opening)).toBe(false)
    const { stream, iterator } = await play(mock, opening, chunks)

    const next = iterator.next()
    expect(await isSettled(next)).toBe(false)
    await pass()
    const finishReason = parts.some(({ type }) => type === 'call') ? 'tool_calls' : 'stop'
    const continuation = wire.continuation(parts)
    const expected: ChatEvent[] = [
      ...wire.last(parts),
      counts.event,
      {
        type: 'done',
        finishReason,
        rawFinishReason: wire.word(finishReason),
        model,
        id: 'reply-1',
        ...(continuation && { continuation }),
      },
    ]
    const rest = [(await next).value]
    for (let i = 1; i < expected.length; i += 1) rest.push((await iterator.next()).value)
    expect(rest).toEqual(expected)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    const came = rest.flatMap((event) => event ?? [])
    expect(await stream.response()).toEqual(await collect([...chunks.flat(), ...came]))
  })

  test('is no reply when it falls silent', async () => {
    const chunks = format.wire.chunks([{ type: 'reasoning', text: thoughts }], size)
    const events = chunks.flat()
    // The thoughts are two chunks; then there is one that is no event, and silence.
    const atOnce = Array.from({ length: chunksUntil(chunks) - 1 }, () => 0)
    answerSlowly(
      mock,
      { content: text, reasoning: thoughts },
      {
        recordedTimings: {
          ttftMs: 59_000,
          interChunkDelaysMs: [...atOnce, 119_000, 119_000, 150_000],
          totalDurationMs: 0,
        },
      },
    )
    const opening = mock.ask(format)
    opening.catch(() => {})
    await mock.requested()
    await pass(59_000)
    const stream = await opening
    const iterator = stream[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: events[0] })
    const second = iterator.next()
    expect(await isSettled(second)).toBe(false)
    await pass(119_000)
    expect(await second).toEqual({ done: false, value: events[1] })
    const reading = failure(iterator.next())
    expect(await isSettled(reading)).toBe(false)
    await pass(119_000)
    // What has come is no event, but life.
    expect(await isSettled(reading)).toBe(false)
    await pass(1000)
    expect(await isSettled(reading)).toBe(false)
    await pass(119_000)
    expectCut(await reading, { stream, events }, 'timeout')
    await mock.abandoned()
    expect(mock.requests).toBe(1)
  })

  test('is no reply when it does not begin', async () => {
    answerSlowly(mock, { content: text }, { latency: 61_000 })
    const failing = failure(mock.ask(format, {}, mock.gateway(format, { retry: false })))
    await mock.requested()
    await pass(59_999)
    expect(await isSettled(failing)).toBe(false)
    await pass(1)
    const error = await failing
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    expect(error.partial).toBeUndefined()
    await mock.abandoned()
  })
})

describe.each(formats)('a cut reply of $name', (format) => {
  // After so many chunks, of which the last may or may not have left the socket's buffer.
  test.each(replies)('of $name is truncated at every chunk', async ({ sent, parts }) => {
    const chunks = format.wire.chunks(parts, size)
    const first = chunksUntil(chunks)
    // One more is the last, which is then lost.
    for (let kept = first; kept <= chunks.length; kept += 1) {
      mock.llm.clearRequests()
      answerSlowly(mock, sent, { truncateAfterChunks: kept + 1 })
      const paused = await play(mock, mock.ask(format), chunks.slice(0, kept))
      const reading = readOut(paused)
      await pass()
      const { error, stream, events } = await reading
      const known = chunks.flat()
      expect(events).toEqual(known.slice(0, events.length))
      expectCut(error, { events, stream })
      await expect(stream.response()).rejects.toBe(error)
      await expect(stream.text()).rejects.toBe(error)
      // It had begun: to try again is for the caller.
      expect(error.retryable).toBe(true)
      expect(mock.requests).toBe(1)
      expect(mock.llm.getLastRequest()?.response.interruptReason).toBe('truncateAfterChunks')
    }
  })

  test.each(replies)('of $name is truncated at any time', async ({ sent, parts }) => {
    const chunks = format.wire.chunks(parts, size)
    const first = chunksUntil(chunks)
    for (let kept = first; kept <= chunks.length; kept += 1) {
      mock.llm.clearRequests()
      answerSlowly(mock, sent, { disconnectAfterMs: (kept + 0.5) * latency })
      const paused = await play(mock, mock.ask(format), chunks.slice(0, kept))
      const reading = readOut(paused)
      expect(await isSettled(reading)).toBe(false)
      await pass(latency / 2)
      const { error, stream, events } = await reading
      expect(events).toEqual(chunks.slice(0, kept).flat())
      expectCut(error, { events, stream })
      expect(mock.requests).toBe(1)
      expect(mock.llm.getLastRequest()?.response.interruptReason).toBe('disconnectAfterMs')
    }
  })

  test.each(replies)(
    'of $name is truncated behind a proxy that ends it properly',
    async ({ sent, parts }) => {
      const chunks = format.wire.chunks(parts, size)
      const provider = format.provider(mock.llm.url, { fetch: endingProperly })
      const gateway = mock.gateway(format, { providers: [provider] })
      const first = chunksUntil(chunks)
      for (let kept = first; kept <= chunks.length; kept += 1) {
        mock.llm.clearRequests()
        answerSlowly(mock, sent, { disconnectAfterMs: (kept + 0.5) * latency })
        const paused = await play(mock, mock.ask(format, {}, gateway), chunks.slice(0, kept))
        const reading = readOut(paused)
        await pass(latency / 2)
        const { error, stream, events } = await reading
        expect(events).toEqual(chunks.slice(0, kept).flat())
        expectCut(error, { events, stream })
      }
    },
  )

  test('is the same failure to chat()', async () => {
    answerSlowly(
      mock,
      { content: text, toolCalls: [weather] },
      { disconnectAfterMs: 5.5 * latency },
    )
    const gateway = mock.gateway(format)
    const asking = failure(gateway.chat([user('Hello')], { model: format.model }))
    // What the sockets hold when the connection breaks may be lost, so each chunk has its time.
    await mock.requested()
    for (let chunk = 0; chunk < 6; chunk += 1) {
      await pass()
      expect(await isSettled(asking)).toBe(chunk === 5)
    }
    const error = await asking
    expect(error.code).toBe('truncated')
    expect(error.partial?.content).not.toBe('')
    expect(text.startsWith(error.partial?.content ?? '?')).toBe(true)
    expect(error.partial?.toolCalls).toEqual([])
    expect(mock.requests).toBe(1)
  })

  test('is asked for again where no event has come', async () => {
    mock.answerFirst(
      [{ content: text }, { latency, disconnectAfterMs: 1.5 * latency }],
      { content: text },
      { chunkSize: size },
    )
    const opening = mock.ask(format)
    opening.catch(() => {})
    await mock.requested()
    // What is no event, and then the end.
    await passUntil(() => mock.requests === 2)
    expect(await (await opening).text()).toBe(text)
  })

  test('is a network error where no event ever comes', async () => {
    answerSlowly(mock, { content: text }, { disconnectAfterMs: 1.5 * latency })
    const opening = mock.ask(format, {}, mock.gateway(format, { retry: false }))
    const failing = failure(opening)
    await mock.requested()
    await pass()
    expect(await isSettled(failing)).toBe(false)
    await pass()
    const error = await failing
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(error.partial).toBeUndefined()
    expect(error.message).not.toContain(text)
  })
})

describe('a slow reply of OpenRouter', () => {
  test('is a timeout where only comments come', async () => {
    answerSlowly(mock, { content: text }, { openRouterProcessing: true, latency: 250_000 })
    const timeouts = { firstEvent: 5000 }
    const gateway = mock.gateway(openRouterFormat, { retry: false, timeouts })
    const failing = failure(mock.ask(openRouterFormat, {}, gateway))
    await mock.requested()
    await pass(4999)
    expect(await isSettled(failing)).toBe(false)
    await pass(1)
    expect(await failing).toMatchObject({ code: 'timeout', retryable: true })
    await mock.abandoned()
  })

  test('goes on after them', async () => {
    answerSlowly(mock, { content: text }, { openRouterProcessing: true })
    const opening = mock.ask(openRouterFormat)
    const chunks = openRouterFormat.wire.chunks([{ type: 'content', text }], size)
    const { iterator } = await play(mock, opening, chunks)
    const rest = eventsOf({ [Symbol.asyncIterator]: () => iterator })
    await pass()
    expect((await rest).map(({ type }) => type)).toEqual(['usage', 'done'])
  })
})
