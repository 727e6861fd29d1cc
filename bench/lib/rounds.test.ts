import { expect, test } from 'vitest'
import * as atOnce from '../contestants/floor-at-once.mjs'
import * as floor from '../contestants/floor.mjs'
import { workloads } from './replies.mjs'
import { readCounted, verify } from './rounds.mjs'
import { serve } from './serve.mjs'
import type { Read, Reply, Sink } from './types.ts'

const small: Reply = {
  wire: 'openai-chat',
  chunks: [],
  expected: { text: 'one two', reasoning: 'hm', calls: ['{"a":1}'] },
}

const whole = (sink: Sink): void => {
  sink.text('one ')
  sink.text('two')
  sink.reasoning('hm')
  sink.arguments(0, '{"a"')
  sink.arguments(0, ':1}')
}

const reading =
  (give: (sink: Sink) => void): Read =>
  async (sink) => {
    give(sink)
  }

test.each(workloads)('the floor reads the whole of $name', async ({ name, make }) => {
  const reply = make()
  const host = serve(reply.chunks)
  const { openaiChat } = name === 'drip' ? atOnce : floor
  const read = reply.wire === 'anthropic' ? floor.anthropic(host) : openaiChat(host)
  await readCounted(read, await verify(read, reply), 2)
})

test('who gives everything is measured', async () => {
  expect(await verify(reading(whole), small)).toBe(16)
  await readCounted(reading(whole), 16, 3)
})

test('who reads frames alone is measured by their data', async () => {
  const reply = { ...small, expected: { text: 'one', reasoning: '', calls: [] } }
  const data = '{"choices":[{"delta":{"content":"one"}}]}'
  const read = reading((sink) => sink.frame(data))
  expect(await verify(read, reply)).toBe(data.length)
  await readCounted(read, data.length, 2)
  await expect(verify(read, small)).rejects.toThrow('text is wrong: 3 characters of 7')
})

const faults: readonly { fault: string; give: (sink: Sink) => void; message: RegExp }[] = [
  {
    fault: 'loses text',
    give: (sink) => sink.text('one '),
    message: /text is wrong: 4 characters of 7/,
  },
  {
    fault: 'gives text twice',
    give: (sink) => {
      whole(sink)
      sink.text('two')
    },
    message: /text is wrong: 10/,
  },
  {
    fault: 'gives other text of the same length',
    give: (sink) => sink.text('one owt'),
    message: /text is wrong: 7 characters of 7/,
  },
  {
    fault: 'loses the thoughts',
    give: (sink) => sink.text('one two'),
    message: /reasoning is wrong: 0/,
  },
  {
    fault: 'mixes up the calls',
    give: (sink) => {
      sink.text('one two')
      sink.reasoning('hm')
      sink.arguments(1, '{"a":1}')
    },
    message: /arguments of call 0 are wrong: 0/,
  },
  {
    fault: 'tells of a call that was not made',
    give: (sink) => {
      whole(sink)
      sink.arguments(1, '{}')
    },
    message: /too many calls/,
  },
]

test.each(faults)('who $fault is not measured', async ({ give, message }) => {
  await expect(verify(reading(give), small)).rejects.toThrow(message)
})

test.each([
  ['too little', (sink: Sink) => sink.text('one'), '3 of 16 characters'],
  ['too much', (sink: Sink) => [whole, whole].forEach((give) => give(sink)), '32 of 16 characters'],
] as const)('who gives %s in a round is found out', async (_what, give, message) => {
  await expect(readCounted(reading(give), 16, 1)).rejects.toThrow(message)
})
