// Replies that came over HTTP are recorded, and play again the same: to the gateway, to the chain
// of streams, to the decoders.

import { createGateway } from 'ratatoskr'
import { iterate } from 'ratatoskr/streams'
import { collectTape, parseTape, record, replay, stringifyTape } from '@ratatoskr/testkit'
import type { FetchLike, Script, Tape } from '@ratatoskr/testkit'
import { equal, ok, sleep } from './assert.ts'
import { dialects, key } from './dialects.ts'
import type { Dialect } from './dialects.ts'
import { bodyOf, decode, messages, outcome, withoutIds } from './gateway-helpers.ts'
import type { Outcome } from './gateway-helpers.ts'
import { everything, saysEverything } from './said.ts'
import { newId, simulated } from './server.ts'
import type { Simulated } from './server.ts'
import type { ConformanceCase, ConformanceContext } from './types.ts'

const ask = async (dialect: Dialect, root: string, fetch: FetchLike): Promise<Outcome> => {
  const gateway = createGateway({ providers: [dialect.provider(root, fetch)], retry: false })
  return outcome(await gateway.chatStream(messages, { model: 'simulated-1' }))
}

/** A reply, and the tape of it after it was a file. */
async function recordedReply(
  context: ConformanceContext,
  dialect: Dialect,
  setup: Simulated,
): Promise<{ own: Outcome; tape: Tape }> {
  const { fetch, tapes } = record()
  const own = await ask(dialect, simulated(context, newId(), setup), fetch)
  while (tapes.length === 0) await sleep(1)
  const file = stringifyTape(tapes[0] as Tape)
  ok(!file.includes(key), 'no key on the tape')
  return { own, tape: parseTape(file) }
}

const tapeUrl = 'http://tape.test'

const casesOf = (dialect: Dialect): ConformanceCase[] => [
  {
    name: `tapes: ${dialect.name}: what is recorded plays again the same`,
    async run(context) {
      const { own, tape } = await recordedReply(context, dialect, { script: everything })
      equal(own.error, undefined, 'the error')
      for (const split of [undefined, 'byte', { seed: 7 }] as const) {
        const what = `split: ${JSON.stringify(split)}`
        const played = replay(tape, split === undefined ? {} : { split })
        equal(withoutIds(await ask(dialect, tapeUrl, played)), withoutIds(own), what)
      }

      const streams = dialect.decode(bodyOf(await replay(tape)(tapeUrl)))
      equal(withoutIds(await outcome(iterate(streams))), withoutIds(own), 'the streams')

      const bytes = new Uint8Array(await (await replay(tape)(tapeUrl)).arrayBuffer())
      for (const size of [1, 13, bytes.length]) {
        const decoded = withoutIds(decode(dialect.decoder(), bytes, size))
        equal(decoded, withoutIds(own), `the decoders, in pieces of ${size}`)
      }
      saysEverything(await collectTape(tape), [dialect], 'collectTape()')
    },
  },
  {
    name: `tapes: ${dialect.name}: one that was cut fails the same again`,
    async run(context) {
      const script: Script = [{ text: 'one two three' }, { fault: { kind: 'cut' } }]
      const { own, tape } = await recordedReply(context, dialect, { script })
      ok(own.error, 'it fails')
      equal(withoutIds(await ask(dialect, tapeUrl, replay(tape))), withoutIds(own), 'the tape')
    },
  },
  {
    name: `demand: ${dialect.name}: reads only for a reader, at most one chunk ahead`,
    async run(context) {
      const { tape } = await recordedReply(context, dialect, { script: 'prose' })
      const whole = new Uint8Array(await (await replay(tape)(tapeUrl)).arrayBuffer())
      const size = Math.ceil(whole.length / 50)
      let reads = 0
      const counted: FetchLike = () => {
        const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
          {
            async pull(controller) {
              // A chunk from the network never comes in the same turn.
              await sleep(1)
              controller.enqueue(whole.slice(reads * size, (reads + 1) * size))
              reads += 1
              if (reads * size >= whole.length) controller.close()
            },
          },
          { highWaterMark: 0 },
        )
        const headers = tape.response.headers
        return Promise.resolve(new Response(body, { headers }))
      }
      const gateway = createGateway({ providers: [dialect.provider(tapeUrl, counted)] })
      const stream = await gateway.chatStream(messages, { model: 'simulated-1' })
      const iterator = stream[Symbol.asyncIterator]()
      for (let count = 0; count < 5; count += 1) {
        ok(!(await iterator.next()).done, 'there is an event')
        const before = reads
        await sleep(10)
        ok(reads <= before + 1, `${reads - before} reads while nobody reads`)
      }
      ok(reads < 40, `${reads} of 50 reads for 5 events`)
      await iterator.return?.()
    },
  },
]

export const tapeCases: readonly ConformanceCase[] = dialects.flatMap(casesOf)
