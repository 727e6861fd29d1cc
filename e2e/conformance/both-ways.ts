// The encoders of every dialect: what they write, this engine reads back.

import type { ChatEvent } from 'ratatoskr'
import { RatatoskrError } from 'ratatoskr'
import { iterate } from 'ratatoskr/streams'
import { equal, ok } from './assert.ts'
import { dialects } from './dialects.ts'
import type { Dialect } from './dialects.ts'
import { decode, outcome } from './gateway-helpers.ts'
import { eventsSayEverything, everythingEvents } from './said.ts'
import type { ConformanceCase } from './types.ts'

/** Events that end, or fail. */
function streamOf(events: readonly ChatEvent[], error?: unknown): ReadableStream<ChatEvent> {
  const rest = [...events]
  return new ReadableStream<ChatEvent>(
    {
      pull(controller) {
        const event = rest.shift()
        if (event) controller.enqueue(event)
        else if (error === undefined) controller.close()
        else controller.error(error)
      },
    },
    { highWaterMark: 0 },
  )
}

const bytesOf = async (body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(body).arrayBuffer())

type Writer = Dialect & Required<Pick<Dialect, 'encode'>>
const writers = dialects.filter((dialect): dialect is Writer => dialect.encode !== undefined)

export const bothWaysCases: readonly ConformanceCase[] = [
  ...writers.map((dialect): ConformanceCase => ({
    name: `both ways: ${dialect.name}: what is written is read again, however it is cut`,
    async run() {
      const bytes = await bytesOf(dialect.encode(streamOf(everythingEvents)))
      for (const size of [1, 7, bytes.length]) {
        const { events, error } = decode(dialect.decoder(), bytes, size)
        equal(error, undefined, `in pieces of ${size}: the error`)
        await eventsSayEverything(events, [dialect], `in pieces of ${size}`)
      }
    },
  })),
  {
    name: 'both ways: from every dialect to every dialect',
    async run() {
      for (const from of writers) {
        const own = from.decode(from.encode(streamOf(everythingEvents)))
        const read = await outcome(iterate(own))
        equal(read.error, undefined, `from ${from.name}: the error`)
        for (const to of writers) {
          const what = `from ${from.name} to ${to.name}`
          const bytes = await bytesOf(to.encode(streamOf(read.events)))
          const { events, error } = decode(to.decoder(), bytes, bytes.length)
          equal(error, undefined, `${what}: the error`)
          await eventsSayEverything(events, [from, to], what)
        }
      }
    },
  },
  {
    name: 'both ways: what fails is told by its code, and what is cut is never whole',
    async run() {
      for (const dialect of writers) {
        for (const at of [1, 5, everythingEvents.length - 2]) {
          const what = `${dialect.name}: after ${at} events`
          const said = everythingEvents.slice(0, at)
          const failing = streamOf(
            said,
            new RatatoskrError('overloaded', 'The model is overloaded.'),
          )
          const failed = await outcome(iterate(dialect.decode(dialect.encode(failing))))
          ok(failed.error instanceof RatatoskrError, `${what}: a RatatoskrError`)
          equal(failed.error.code, 'overloaded', `${what}: the code`)
          ok(!failed.events.some(({ type }) => type === 'done'), `${what}: there is a done`)

          const whole = await bytesOf(dialect.encode(streamOf(everythingEvents)))
          const half = whole.subarray(0, Math.floor((whole.length * at) / everythingEvents.length))
          const cut = decode(dialect.decoder(), half, half.length)
          ok(cut.error instanceof RatatoskrError, `${what}: a RatatoskrError of what is cut`)
          equal(cut.error.code, 'truncated', `${what}: the code of what is cut`)
        }
      }
    },
  },
]
