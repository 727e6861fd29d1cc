// Stopping stops: the server sees the close at once, also while the model is silent.

import { equal, ok, rejection, sleep, soon, within } from './assert.ts'
import { gatewayOf, messages, open, outcome, ratatoskrError } from './gateway-helpers.ts'
import { closed, newId, observe, seen, silence } from './server.ts'
import type { ConformanceCase, ConformanceContext } from './types.ts'
import { text } from '../server/replies.mjs'
import type { ChatEvent, ChatStream } from 'ratatoskr'

/** A stream whose content was read to where the model falls silent. */
async function silent(
  context: ConformanceContext,
  signal?: AbortSignal,
): Promise<{ id: string; stream: ChatStream; iterator: AsyncIterator<ChatEvent> }> {
  const id = newId()
  const stream = await open(context, 'silent', { id, ...(signal ? { signal } : {}) })
  const iterator = stream[Symbol.asyncIterator]()
  let received = ''
  while (received !== text) {
    const { value } = (await iterator.next()) as { value: ChatEvent }
    if (value.type === 'content') received += value.text
  }
  await silence()
  return { id, stream, iterator }
}

const cancelled = async (stream: ChatStream): Promise<void> => {
  const error = await rejection(stream.response(), 'response()')
  equal(ratatoskrError(error, 'response()').code, 'cancelled', 'the code')
}

export const stoppingCases: readonly ConformanceCase[] = [
  {
    name: 'stop: break closes the socket',
    async run(context) {
      const id = newId()
      const stream = await open(context, 'silent', { id })
      for await (const event of stream) {
        equal(event.type, 'content', 'the first event')
        await silence()
        break
      }
      await closed(context, id)
      await cancelled(stream)
      equal(stream.locked, false, 'the stream is locked')
    },
  },
  {
    name: 'stop: return() while a read is pending closes the socket',
    async run(context) {
      const { id, stream, iterator } = await silent(context)
      const pending = iterator.next()
      await within(soon, Promise.resolve(iterator.return?.()), 'return()')
      equal((await pending).done, true, 'the pending read')
      await closed(context, id)
      await cancelled(stream)
      equal(stream.partial.content, text, 'the partial text')
    },
  },
  {
    name: 'stop: a throw inside the loop closes the socket',
    async run(context) {
      const id = newId()
      const stream = await open(context, 'silent', { id })
      const mine = new Error('mine')
      const loop = async (): Promise<void> => {
        for await (const event of stream) {
          await silence()
          if (event.type === 'content') throw mine
        }
      }
      ok((await rejection(loop(), 'the loop')) === mine, 'the loop throws what its body threw')
      await closed(context, id)
    },
  },
  {
    name: 'stop: cancel() of a stream that nobody reads closes the socket',
    async run(context) {
      const id = newId()
      const stream = await open(context, 'silent', { id })
      await silence()
      await within(soon, stream.cancel('enough'), 'cancel()')
      await closed(context, id)
      await cancelled(stream)
    },
  },
  {
    name: 'stop: reader.cancel() while a read is pending closes the socket',
    async run(context) {
      const id = newId()
      const stream = await open(context, 'silent', { id })
      const reader = stream.getReader()
      const rest = (async () => {
        while (!(await reader.read()).done);
      })()
      await silence()
      await within(soon, reader.cancel(), 'reader.cancel()')
      await within(soon, rest, 'the pending read')
      await closed(context, id)
      await cancelled(stream)
    },
  },
  {
    name: 'stop: an abort while the model is silent rejects with the reason and keeps the text',
    async run(context) {
      const controller = new AbortController()
      const { id, stream, iterator } = await silent(context, controller.signal)
      const reason = new Error('the user pressed Stop')
      const read = rejection(iterator.next(), 'the read')
      controller.abort(reason)
      ok((await within(soon, read, 'the read')) === reason, 'the read rejects with the reason')
      ok((await rejection(stream.response(), 'response()')) === reason, 'response() does, too')
      equal(stream.partial.content, text, 'the partial text')
      await closed(context, id)
    },
  },
  {
    name: 'stop: an abort in the middle of a fast reply',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const stream = await open(context, 'endless', { id, signal: controller.signal })
      let count = 0
      const loop = async (): Promise<void> => {
        for await (const event of stream) {
          ok(!controller.signal.aborted, `an event after the abort: ${event.type}`)
          count += 1
          if (count === 500) controller.abort()
        }
      }
      const error = (await rejection(loop(), 'the loop')) as Error
      equal(error.name, 'AbortError', 'the reason')
      ok(error === controller.signal.reason, 'the signal’s own reason')
      await closed(context, id)
    },
  },
  {
    name: 'stop: an abort while nobody reads',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const stream = await open(context, 'silent', { id, signal: controller.signal })
      await silence()
      controller.abort()
      await closed(context, id)
      const { error } = await outcome(stream)
      ok(error === controller.signal.reason, 'a later read rejects with the reason')
    },
  },
  {
    name: 'stop: an abort before the headers',
    async run(context) {
      for (const model of ['mute', 'headers-only']) {
        const id = newId()
        const controller = new AbortController()
        const opening = rejection(
          open(context, model, { id, signal: controller.signal }),
          'chatStream()',
        )
        await seen(context, id, 'the request arrives', ({ started }) => started)
        const reason = { why: model }
        controller.abort(reason)
        ok((await within(soon, opening, 'chatStream()')) === reason, `${model}: the reason`)
        await closed(context, id)
      }
    },
  },
  {
    name: 'stop: an abort before the call sends nothing',
    async run(context) {
      const id = newId()
      const reason = new Error('changed my mind')
      const opening = open(context, 'text', { id, signal: AbortSignal.abort(reason) })
      ok((await rejection(opening, 'chatStream()')) === reason, 'the reason')
      await sleep(50)
      equal((await observe(context, id)).count, 0, 'requests')
    },
  },
  {
    name: 'stop: an abort of chat()',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const whole = rejection(
        gatewayOf(context).chat(messages, {
          model: 'silent',
          signal: controller.signal,
          providerOptions: { user: id },
        }),
        'chat()',
      )
      await seen(context, id, 'the reply begins', ({ bytesWritten }) => bytesWritten > 0)
      await silence()
      controller.abort()
      ok((await whole) === controller.signal.reason, 'the reason')
      await closed(context, id)
    },
  },
  {
    name: 'stop: an abort after the end changes nothing',
    async run(context) {
      const controller = new AbortController()
      const stream = await open(context, 'text', { signal: controller.signal })
      await outcome(stream)
      controller.abort()
      equal((await stream.response()).content, text, 'the content')
    },
  },
  {
    name: 'stop: AbortSignal.timeout() is a signal like any other',
    async run(context) {
      const id = newId()
      const { error } = await outcome(
        await open(context, 'silent', { id, signal: AbortSignal.timeout(150) }),
      )
      equal((error as Error).name, 'TimeoutError', 'the reason')
      await closed(context, id)
    },
  },
  {
    name: 'stop: response() left alone rejects without a word',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const stream = await open(context, 'silent', { id, signal: controller.signal })
      void stream.response()
      await silence()
      controller.abort()
      await closed(context, id)
      void (await open(context, 'truncated')).response()
      void (await open(context, 'error-frame')).response()
      await sleep(150)
    },
  },
  {
    name: 'stop: text() left alone rejects without a word',
    async run(context) {
      void (await open(context, 'truncated')).text()
      await sleep(150)
    },
  },
]
