import { describe, expect, it } from 'vitest'
import { collect } from './collect.ts'
import { isRatatoskrError, RatatoskrError } from './errors.ts'
import type { ChatEvent } from './event.ts'

const hello: ChatEvent[] = [
  { type: 'content', text: 'Hel' },
  { type: 'content', text: 'lo' },
]
const done: ChatEvent = { type: 'done', finishReason: 'stop' }

const expected = {
  content: 'Hello',
  toolCalls: [],
  finishReason: 'stop',
  message: { role: 'assistant', content: 'Hello' },
}

async function* generate(
  events: readonly ChatEvent[],
  failure?: unknown,
  onEnd?: () => void,
): AsyncGenerator<ChatEvent> {
  try {
    for (const event of events) yield await Promise.resolve(event)
    if (failure !== undefined) throw failure as Error
  } finally {
    onEnd?.()
  }
}

function streamOf(events: readonly ChatEvent[], onCancel?: () => void): ReadableStream<ChatEvent> {
  const rest = [...events]
  return new ReadableStream<ChatEvent>(
    {
      pull(controller) {
        const event = rest.shift()
        if (event === undefined) controller.close()
        else controller.enqueue(event)
      },
      cancel: () => onCancel?.(),
    },
    { highWaterMark: 0 },
  )
}

async function failureOf(promise: Promise<unknown>): Promise<RatatoskrError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isRatatoskrError(error)) throw new Error('no RatatoskrError', { cause: error })
  return error
}

describe('collect', () => {
  it.each<[string, () => Parameters<typeof collect>[0]]>([
    ['an array', () => [...hello, done]],
    ['a set', () => new Set([...hello, done])],
    ['an async generator', () => generate([...hello, done])],
    ['a stream', () => streamOf([...hello, done])],
  ])('makes a response of the events of %s', async (_, source) => {
    expect(await collect(source())).toStrictEqual(expected)
  })

  it('takes a stream that cannot be iterated, as in WebKit', async () => {
    const stream = streamOf([...hello, done])
    Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined })
    expect(await collect(stream)).toStrictEqual(expected)
  })

  it('makes the response of done, which is the last', async () => {
    const end: ChatEvent = { type: 'done', finishReason: 'length', model: 'm', id: 'i' }
    const response = await collect([...hello, end])
    expect(response).toMatchObject({ finishReason: 'length', model: 'm', id: 'i' })
  })

  it('reads nothing after done, and gives the source back', async () => {
    let ended = 0
    const onEnd = (): void => {
      ended += 1
    }
    await collect(generate([...hello, done, ...hello], undefined, onEnd))
    await collect(streamOf([...hello, done, ...hello], onEnd))
    expect(ended).toBe(2)
  })

  it.each<[string, () => Parameters<typeof collect>[0]]>([
    ['an array', () => hello],
    ['an async generator', () => generate(hello)],
    ['a stream', () => streamOf(hello)],
  ])('rejects with truncated where %s ends without done, with what had come', async (_, source) => {
    const error = await failureOf(collect(source()))
    expect(error.code).toBe('truncated')
    expect(error.message).not.toContain('Hel')
    expect(error.partial).toStrictEqual({
      content: 'Hello',
      toolCalls: [],
      message: { role: 'assistant', content: 'Hello' },
    })
  })

  it('rejects with truncated where there is nothing at all', async () => {
    const error = await failureOf(collect([]))
    expect(error.code).toBe('truncated')
    expect(error.partial).toMatchObject({ content: '', toolCalls: [] })
  })

  it('leaves a cut call among the incomplete ones', async () => {
    const error = await failureOf(
      collect([
        { type: 'tool_call_start', index: 0, id: 'call_1', name: 'pay' },
        { type: 'tool_call_delta', index: 0, arguments: '{"amount":10' },
      ]),
    )
    expect(error.partial).toMatchObject({
      toolCalls: [],
      incompleteToolCalls: [{ id: 'call_1', name: 'pay', arguments: '{"amount":10' }],
    })
    expect(error.partial?.message).not.toHaveProperty('toolCalls')
  })

  it('rejects with the very error of the source, with what had come where that has none', async () => {
    const failure = new RatatoskrError('overloaded', 'Busy.')
    expect(await failureOf(collect(generate(hello, failure)))).toBe(failure)
    expect(failure.partial).toMatchObject({ content: 'Hello' })
  })

  it('leaves the partial reply that an error brings', async () => {
    const failure = new RatatoskrError('overloaded', 'Busy.')
    const message = { role: 'assistant', content: 'more' } as const
    failure.partial = { content: 'more', toolCalls: [], message }
    await failureOf(collect(generate(hello, failure)))
    expect(failure.partial.content).toBe('more')
  })

  it('rejects with what else the source throws, as it is', async () => {
    const failure = new DOMException('Stopped', 'AbortError')
    await expect(collect(generate(hello, failure))).rejects.toBe(failure)
  })

  it('refuses more than maxResponseBytes, gives the source back, and keeps what had come', async () => {
    let ended = false
    const source = generate([...hello, done], undefined, () => {
      ended = true
    })
    const error = await failureOf(collect(source, { maxResponseBytes: 8 }))
    expect(error.code).toBe('too_large')
    expect(error.partial?.content).toMatch(/^Hel/)
    expect(ended).toBe(true)
    expect(await collect([...hello, done], { maxResponseBytes: 10 })).toStrictEqual(expected)
  })
})
