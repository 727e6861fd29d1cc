// The stages as TransformStreams, and the decoders without any stream around them.

import type { ChatEvent } from 'ratatoskr'
import { isRatatoskrError } from 'ratatoskr'
import { iterate, NdjsonDecoderStream, SseDecoderStream } from 'ratatoskr/streams'
import { equal, ok } from './assert.ts'
import { chatDialect, dialects } from './dialects.ts'
import type { Dialect } from './dialects.ts'
import {
  anthropicTextEvents,
  canonical,
  open,
  outcome,
  outcomeOf,
  ratatoskrError,
  textEvents,
} from './gateway-helpers.ts'
import type { Outcome } from './gateway-helpers.ts'
import { closed, drainTime, newId, post, silence } from './server.ts'
import type { ConformanceCase } from './types.ts'
import { plainReplies, text } from '../server/replies.mjs'

/** Lets a decoder chain have the bytes in pieces of one size. */
function decode(dialect: Dialect, bytes: Uint8Array, size: number): Outcome {
  const decoder = dialect.decoder()
  const events: ChatEvent[] = []
  const emit = (event: ChatEvent): void => {
    events.push(event)
  }
  try {
    for (let at = 0; at < bytes.length; at += size)
      decoder.push(bytes.subarray(at, at + size), emit)
    decoder.end(emit)
  } catch (error) {
    return { events, error }
  }
  return { events }
}

const chain = chatDialect.decode

const comparable = ({ events, error }: Outcome): unknown => ({
  events: canonical(events),
  code: isRatatoskrError(error) ? error.code : undefined,
  failed: error !== undefined,
})

/** Ids that are made up differ from reply to reply. */
const withoutIds = ({ events, error }: Outcome): unknown =>
  comparable({
    events: events.map((event) =>
      event.type === 'tool_call_start' ? { ...event, id: 'any' } : event,
    ),
    error,
  })

function bodyOf(response: Response): ReadableStream<Uint8Array<ArrayBuffer>> {
  ok(response.body, 'the response has a body')
  return response.body
}

export const chainCases: readonly ConformanceCase[] = [
  {
    name: 'decoders: any split of the bytes gives the same events',
    async run() {
      for (const dialect of dialects) {
        for (const [name, parts] of Object.entries(dialect.replies)) {
          const bytes = new TextEncoder().encode(parts.join(''))
          const whole = comparable(decode(dialect, bytes, bytes.length))
          for (const size of [1, 2, 3, 5, 7, 13, 1024]) {
            const what = `${dialect.name}: ${name} in pieces of ${size}`
            equal(comparable(decode(dialect, bytes, size)), whole, what)
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
        for (const { name: dialect, decode: chained } of dialects) {
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
      for (const { name: dialect, replies, decode: chained } of dialects) {
        for (const name of Object.keys(replies)) {
          for (const model of [name, `${name}@once`]) {
            const body = bodyOf(await post(context, model, { dialect }))
            const came = await outcome(iterate(chained(body)))
            const through = await outcome(await open(context, model, { dialect }))
            equal(comparable(came), comparable(through), `${dialect}: ${model}`)
          }
        }
      }
    },
  },
  {
    name: 'recordings: the gateway gives what the decoders make of the whole bytes',
    async run(context) {
      for (const name of context.recordings) {
        const model = `recording/${name}`
        const own = dialects.find((dialect) => name.startsWith(`${dialect.name}/`))
        ok(own, `${name}: there is no such dialect`)
        const dialect = own.name
        const response = await post(context, model, { dialect })
        const bytes = new Uint8Array(await response.arrayBuffer())
        const whole = withoutIds(decode(own, bytes, bytes.length))
        equal(withoutIds(await outcomeOf(open(context, model, { dialect }))), whole, name)
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
