// Replies that their reader stops, and tries that wait. Time is virtual.
import { user, type ChatEvent } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { failure, formats, Mock } from './mock.ts'
import {
  answerSlowly,
  callsOf,
  chunksUntil,
  size,
  text,
  textAndCalls,
  textOf,
} from './slow-replies.ts'
import { isSettled, pass, passUntil, play, useVirtualTime, type Paused } from './virtual-time.ts'

const mock = Mock.forEachTest()
useVirtualTime()

describe.each(formats)('a reply of $name that is stopped', (format) => {
  const reason = new Error('The user pressed Stop')
  const { sent, parts } = textAndCalls
  const all = format.wire.chunks(parts, size)
  const first = chunksUntil(all)
  // Until the second call has begun.
  const isSecond = (event: ChatEvent): boolean =>
    event.type === 'tool_call_start' && event.index === 1
  const chunks = all.slice(0, chunksUntil(all, isSecond))

  async function passChunks(count: number): Promise<void> {
    for (let chunk = 0; chunk < count; chunk += 1) await pass()
  }

  async function begin(signal?: AbortSignal): Promise<Paused> {
    answerSlowly(mock, sent)
    return play(mock, mock.ask(format, { ...(signal && { signal }) }), chunks)
  }

  test('by its signal, while aimock is silent, keeps what had come', async () => {
    const controller = new AbortController()
    const { stream, iterator, events } = await begin(controller.signal)
    const reading = iterator.next()
    expect(await isSettled(reading)).toBe(false)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await expect(stream.response()).rejects.toBe(reason)
    expect(stream.partial).toMatchObject({
      content: textOf(events, 'content'),
      toolCalls: callsOf(events).whole,
      incompleteToolCalls: callsOf(events).cut,
    })
    await mock.abandoned()
  })

  test('by its signal between two reads', async () => {
    const controller = new AbortController()
    const { iterator } = await begin(controller.signal)
    controller.abort(reason)
    await mock.abandoned()
    await expect(iterator.next()).rejects.toBe(reason)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('by the end of the loop', async () => {
    const { stream, iterator } = await begin()
    await iterator.return?.()
    expect((await failure(stream.response())).code).toBe('cancelled')
    expect(stream.partial.content).toBe(text)
    await mock.abandoned()
  })

  test('by break', async () => {
    answerSlowly(mock, sent)
    const opening = mock.ask(format)
    opening.catch(() => {})
    await mock.requested()
    await passChunks(first)
    for await (const event of await opening) {
      expect(event).toEqual(chunks[first - 1]?.[0])
      break
    }
    await mock.abandoned()
  })

  test('by cancel()', async () => {
    answerSlowly(mock, sent)
    const opening = mock.ask(format)
    opening.catch(() => {})
    await mock.requested()
    await passChunks(first)
    const stream = await opening
    await stream.cancel()
    expect((await failure(stream.response())).code).toBe('cancelled')
    await mock.abandoned()
  })

  test('by its signal before the headers', async () => {
    let asked = false
    const match = {
      predicate: () => {
        asked = true
        return true
      },
    }
    mock.llm.on(match, { content: text }, { chaos: { latencyMs: 30_000 } })
    const controller = new AbortController()
    const opening = mock.ask(format, { signal: controller.signal })
    const failed = expect(opening).rejects.toBe(reason)
    await passUntil(() => asked)
    controller.abort(reason)
    await failed
    await mock.abandoned()
    // aimock writes down what it has answered.
    expect(mock.requests).toBe(0)
  })

  test('by its signal in chat()', async () => {
    answerSlowly(mock, sent)
    const controller = new AbortController()
    const options = { model: format.model, signal: controller.signal }
    const asking = mock.gateway(format).chat([user('Hello')], options)
    const failed = expect(asking).rejects.toBe(reason)
    await mock.requested()
    for (let chunk = 0; chunk < 3; chunk += 1) {
      await pass()
      expect(await isSettled(asking)).toBe(false)
    }
    controller.abort(reason)
    await failed
    await mock.abandoned()
    expect(mock.requests).toBe(1)
  })

  test('by its signal between two tries', async () => {
    mock.answer({ error: { message: 'Slow down' }, status: 429, retryAfter: 30 })
    const controller = new AbortController()
    const opening = mock.ask(format, { signal: controller.signal })
    const failed = expect(opening).rejects.toBe(reason)
    await mock.requested()
    expect(await isSettled(opening)).toBe(false)
    controller.abort(reason)
    await failed
    await pass(60_000)
    expect(await isSettled(opening)).toBe(true)
    expect(mock.requests).toBe(1)
  })
})

describe.each(formats)('the next try of $name', (format) => {
  test.each([
    ['a second, which is what aimock asks for by itself', undefined, 1000],
    ['as long as aimock says', 3, 3000],
  ])('waits for %s', async (_name, retryAfter, wait) => {
    mock.answerFirst(
      [
        {
          error: { message: 'Slow down', type: 'rate_limit_error' },
          status: 429,
          ...(retryAfter && { retryAfter }),
        },
      ],
      { content: text },
    )
    const opening = mock.ask(format)
    opening.catch(() => {})
    await mock.requested()
    expect(await passUntil(() => mock.requests === 2)).toBeGreaterThanOrEqual(wait)
    expect(await (await opening).text()).toBe(text)
  })

  test('is not made where aimock asks to wait too long', async () => {
    mock.answer({ error: { message: 'Slow down' }, status: 429, retryAfter: 61 })
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({ code: 'rate_limited', retryAfter: 61_000, retryable: true })
    expect(mock.requests).toBe(1)
  })
})
