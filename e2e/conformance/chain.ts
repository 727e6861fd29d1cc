// The stages as TransformStreams, and the decoders without any stream around them.

import { iterate, NdjsonDecoderStream, SseDecoderStream } from 'ratatoskr/streams'
import { equal } from './assert.ts'
import { chatDialect, fixtureDialects } from './dialects.ts'
import {
  anthropicTextEvents,
  bodyOf,
  canonical,
  comparable,
  decode,
  open,
  outcome,
  ratatoskrError,
  textEvents,
} from './gateway-helpers.ts'
import { closed, drainTime, newId, post, silence } from './server.ts'
import type { ConformanceCase } from './types.ts'
import { plainReplies, text } from '../server/replies.mjs'

const chain = chatDialect.decode

export const chainCases: readonly ConformanceCase[] = [
  {
    name: 'decoders: any split of the bytes gives the same events',
    async run() {
      for (const dialect of fixtureDialects) {
        for (const [name, parts] of Object.entries(dialect.replies)) {
          const bytes = new TextEncoder().encode(parts.join(''))
          const whole = comparable(decode(dialect.decoder(), bytes, bytes.length))
          for (const size of [1, 2, 3, 5, 7, 13, 1024]) {
            const what = `${dialect.name}: ${name} in pieces of ${size}`
            equal(comparable(decode(dialect.decoder(), bytes, size)), whole, what)
          }
        }
      }
    },
  },
  {
    name: 'chain: each stage by itself',
    async run(context) {
      const response = await post(context, 'text')
      const frames = bodyOf(response).pipeThrough(new SseDecoderStream())
      const seen: string[] = []
      for await (const frame of iterate(frames)) seen.push(frame.data)
      equal(seen.at(-1), '[DONE]', 'the last event')
      equal(seen.length, (plainReplies['text'] ?? []).length, 'the number of events')

      const lines = bodyOf(new Response('{"a":1}\r\n\n{"a":"世界"}')).pipeThrough(
        new NdjsonDecoderStream(),
      )
      const values: unknown[] = []
      for await (const line of iterate(lines)) values.push(JSON.parse(line.data))
      equal(values, [{ a: 1 }, { a: '世界' }], 'the lines')
    },
  },
  {
    name: 'chain: the stages together give the events',
    async run(context) {
      for (const model of ['text', 'bytes', 'decorated', 'text@once']) {
        for (const { name: dialect, decode: chained } of fixtureDialects) {
          const body = bodyOf(await post(context, model, { dialect }))
          const { events, error } = await outcome(iterate(chained(body)))
          equal(error, undefined, `${dialect}: ${model}: the error`)
          const expected = dialect === 'anthropic' ? anthropicTextEvents : textEvents
          equal(canonical(events), expected, `${dialect}: ${model}: the events`)
        }
      }
    },
  },
  {
    name: 'chain: the same events and errors as the gateway, in pieces and at once',
    async run(context) {
      for (const { name: dialect, replies, decode: chained } of fixtureDialects) {
        const compare = async (model: string): Promise<void> => {
          const body = bodyOf(await post(context, model, { dialect }))
          const came = await outcome(iterate(chained(body)))
          const through = await outcome(await open(context, model, { dialect }))
          equal(comparable(came), comparable(through), `${dialect}: ${model}`)
        }
        const models = Object.keys(replies).flatMap((name) => [name, `${name}@once`])
        await Promise.all(models.map(compare))
      }
    },
  },
  {
    name: 'chain: breaking out of iterate() closes the socket',
    async run(context) {
      const id = newId()
      const events = chain(bodyOf(await post(context, 'silent-with-pings', { id })))
      for await (const event of iterate(events)) {
        equal(event.type, 'content', 'the first event')
        break
      }
      await closed(context, id, drainTime)
      equal(events.locked, false, 'the stream is locked')
    },
  },
  {
    name: 'chain: cancelling the last stage closes the socket while the model is silent',
    needs: ['cancelCloses'],
    async run(context) {
      const id = newId()
      const reader = chain(bodyOf(await post(context, 'silent', { id }))).getReader()
      let received = ''
      while (received !== text) {
        const { value } = await reader.read()
        if (value?.type === 'content') received += value.text
      }
      await silence()
      await reader.cancel()
      await closed(context, id)
    },
  },
  {
    name: 'chain: an abort of the fetch reaches the last stage as its reason',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const response = await post(context, 'silent', { id, signal: controller.signal })
      const { events, error } = await outcome(
        (async function* untilSilent() {
          let received = ''
          for await (const event of iterate(chain(bodyOf(response)))) {
            yield event
            if (event.type === 'content') received += event.text
            if (received === text) void silence().then(() => controller.abort())
          }
        })(),
      )
      equal(canonical(events), [{ type: 'content', text }], 'the events')
      equal((error as Error).name, 'AbortError', 'the error')
      await closed(context, id)
    },
  },
  {
    name: 'chain: what came before an error is delivered before it, also at once',
    async run(context) {
      const response = await post(context, 'error-frame@once')
      const { events, error } = await outcome(iterate(chain(bodyOf(response))))
      equal(canonical(events), [{ type: 'content', text }], 'the events')
      equal(ratatoskrError(error, 'the error').code, 'overloaded', 'the code')
    },
  },
  {
    name: 'iterate: return() while a read is pending ends the loop and cancels the source',
    async run() {
      let reason: unknown = 'not cancelled'
      const silent = new ReadableStream<string>({
        cancel(given) {
          reason = given
        },
      })
      const iterator = iterate(silent)[Symbol.asyncIterator]()
      const pending = iterator.next()
      await iterator.return?.()
      equal((await pending).done, true, 'the pending read')
      equal(reason, undefined, 'the reason')
      equal((await iterator.next()).done, true, 'the next read')
    },
  },
]
