import { expect, test } from 'vitest'
import { record } from './record.ts'
import type { FetchLike } from './simulator.ts'

const encoder = new TextEncoder()
const pieces = ['data: one\n\n', 'data: two\n\n', 'data: three\n\n']
const length = pieces.join('').length
const answering: FetchLike = () =>
  Promise.resolve(
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(encoder.encode(piece))
          controller.close()
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    ),
  )

test.each([
  ['as long as may be', length, 1],
  ['a byte too long', length - 1, 0],
  ['of any length, where none is said', undefined, 1],
])('a body that is %s', async (_, maxBytes, tapesKept) => {
  const told: unknown[] = []
  const { fetch, tapes } = record({
    fetch: answering,
    onTape: (tape) => told.push(tape),
    ...(maxBytes !== undefined && { maxBytes }),
  })
  const response = await fetch('https://sim.test/v1/chat/completions', { method: 'POST' })
  // What is too long for a tape is passed on all the same.
  expect(await response.text()).toBe(pieces.join(''))
  expect(tapes).toHaveLength(tapesKept)
  expect(told).toEqual(tapes)
  expect(tapes.every(({ chunks }) => chunks.length === pieces.length)).toBe(true)
})

test('one reply too long does not cost the next its tape', async () => {
  const bodies = ['x'.repeat(20), 'short']
  const { fetch, tapes } = record({
    fetch: () => Promise.resolve(new Response(bodies.shift())),
    maxBytes: 10,
  })
  for (let i = 0; i < 2; i += 1) await (await fetch('https://sim.test/')).text()
  expect(tapes.map(({ chunks }) => chunks.length)).toEqual([1])
})
