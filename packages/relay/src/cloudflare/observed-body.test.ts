import { expect, it, vi } from 'vitest'
import type { ResponseObserver } from '../chat/stream-host.ts'
import { observedBody } from './observed-body.ts'

const events = [
  ': ratatoskr\n\n',
  'id: 1\ndata: {"type":"content","text":"\\"type\\":\\"done\\" 🌞"}\n\n',
  'id: 2\ndata: {"type":"provider","dialect":"x","data":{"type":"done"}}\n\n',
  'id: 3\ndata: {"type":"usage","usage":{"promptTokens":1}}\n\n',
  'id: 4\ndata: {"type":"done","finishReason":"stop"}\n\n',
]

function createObserver() {
  return {
    attached: vi.fn<() => void>(),
    sent: vi.fn<ResponseObserver['sent']>(),
    closed: vi.fn<() => void>(),
  }
}

function bodyOf(
  texts: readonly string[],
  size: number,
  cancelled?: () => void,
): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(texts.join(''))
  let place = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (place >= bytes.length) controller.close()
        else controller.enqueue(bytes.slice(place, (place += size)))
      },
      ...(cancelled && { cancel: cancelled }),
    },
    { highWaterMark: 0 },
  )
}

it.each([1, 7, 10_000])(
  'passes bytes on as they are, and tells what they say: by %i',
  async (size) => {
    const observer = createObserver()
    const text = await new Response(observedBody(bodyOf(events, size), observer, undefined)).text()
    expect(text).toBe(events.join(''))
    const told = observer.sent.mock.calls.map(([{ id, kind }]) => [id, kind])
    expect(told).toEqual([
      [1, 'event'],
      [2, 'event'],
      [3, 'usage'],
      [4, 'done'],
    ])
    expect(observer.closed).toHaveBeenCalledTimes(1)
  },
)

it('tells a failure, also one that is no event of the reply', async () => {
  const observer = createObserver()
  const failure = 'event: error\ndata: {"code":"cancelled"}\n\n'
  await new Response(observedBody(bodyOf([failure], 9), observer, undefined)).text()
  expect(observer.sent.mock.calls).toEqual([
    [{ id: 0, kind: 'error', data: '{"code":"cancelled"}' }],
  ])
  expect(observer.closed).toHaveBeenCalledTimes(1)
})

it.each(['cancels', 'aborts'])('lets go of the object when the client %s', async (how) => {
  const observer = createObserver()
  const cancelled = vi.fn<() => void>()
  const client = new AbortController()
  const body = observedBody(bodyOf(events, 5, cancelled), observer, client.signal)
  const reader = body.getReader()
  await reader.read()
  if (how === 'cancels') await reader.cancel()
  else client.abort()
  expect(cancelled).toHaveBeenCalledTimes(1)
  expect(observer.closed).toHaveBeenCalledTimes(1)
})
