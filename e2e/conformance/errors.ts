// Every failure has its code, and what came before it is not lost.

import type { ErrorCode, Timeouts } from 'ratatoskr'
import { equal, ok, rejection, sleep, soon, within } from './assert.ts'
import {
  canonical,
  gatewayOf,
  messages,
  open,
  outcome,
  ratatoskrError,
  textEvents,
} from './gateway-helpers.ts'
import { closed, drainTime, newId, observe, seen } from './server.ts'
import type { Observed } from './server.ts'
import type { ConformanceCase } from './types.ts'
import { text } from '../server/replies.mjs'

/** Failures before the first event: `chatStream` rejects. */
const early: readonly (readonly [model: string, code: ErrorCode, status?: number])[] = [
  ['status-400', 'invalid_request', 400],
  ['status-401', 'authentication', 401],
  ['status-404', 'model_not_found', 404],
  ['status-429', 'rate_limited', 429],
  ['status-500-once', 'api', 500],
  ['json-error-200', 'overloaded'],
  ['html', 'protocol'],
]

/** Failures after some content: the read rejects. */
const late: readonly (readonly [model: string, code: ErrorCode])[] = [
  ['truncated', 'truncated'],
  ['truncated@once', 'truncated'],
  ['cut-event', 'truncated'],
  ['error-frame', 'overloaded'],
  ['error-frame@once', 'overloaded'],
  ['not-json', 'protocol'],
  ['not-json@once', 'protocol'],
]

export const errorCases: readonly ConformanceCase[] = [
  {
    name: 'errors: before the first event, chatStream() rejects with the code',
    async run(context) {
      for (const [model, code, status] of early) {
        const error = ratatoskrError(await rejection(open(context, model), model), model)
        equal(error.code, code, `${model}: the code`)
        if (status !== undefined) equal(error.status, status, `${model}: the status`)
        equal(error.provider, 'fixture', `${model}: the provider`)
        ok(!error.message.includes('key-e2e'), `${model}: no key in the message`)
      }
    },
  },
  {
    name: 'errors: a page instead of a reply is kept as the body',
    async run(context) {
      const error = ratatoskrError(await rejection(open(context, 'html'), 'html'), 'html')
      ok(error.body?.includes('Please sign in'), `the body: ${String(error.body)}`)
    },
  },
  {
    name: 'errors: after content, the read rejects, and the content came before',
    async run(context) {
      for (const [model, code] of late) {
        const stream = await open(context, model)
        const { events, error } = await outcome(stream)
        equal(canonical(events), [{ type: 'content', text }], `${model}: the events`)
        const failure = ratatoskrError(error, model)
        equal(failure.code, code, `${model}: the code`)
        equal(failure.partial?.content, text, `${model}: the partial content`)
        equal(stream.partial.content, text, `${model}: the stream's partial content`)
        ok((await rejection(stream.response(), model)) === failure, `${model}: the same error`)
      }
    },
  },
  {
    name: 'errors: a connection that breaks after content is truncated, and the content is kept',
    async run(context) {
      const id = newId()
      const stream = await open(context, 'silent', { id })
      const iterator = stream[Symbol.asyncIterator]()
      while (stream.partial.content !== text) await iterator.next()
      const read = rejection(iterator.next(), 'the read')
      await fetch(`${context.controlURL}/reset/${id}`)
      const failure = ratatoskrError(await within(soon, read, 'the read'), 'the read')
      equal(failure.code, 'truncated', 'the code')
      equal(failure.partial?.content, text, 'the partial content')
    },
  },
  {
    name: 'errors: after a failure, every way to read fails with the same error',
    async run(context) {
      const stream = await open(context, 'truncated')
      const iterator = stream[Symbol.asyncIterator]()
      let error: unknown
      try {
        while (!(await iterator.next()).done);
      } catch (thrown) {
        error = thrown
      }
      equal(ratatoskrError(error, 'the read').code, 'truncated', 'the code')
      equal((await iterator.next()).done, true, 'the iterator is over')
      equal(stream.locked, false, 'locked')
      const reader = stream.getReader()
      ok((await rejection(reader.read(), 'reader.read()')) === error, 'reader.read()')
      ok((await rejection(reader.closed, 'reader.closed')) === error, 'reader.closed')
      reader.releaseLock()
      ok((await rejection(stream.response(), 'response()')) === error, 'response()')
      ok((await rejection(stream.text(), 'text()')) === error, 'text()')
    },
  },
  {
    name: 'errors: a cut call is never complete',
    async run(context) {
      const stream = await open(context, 'cut-call')
      const { events, error } = await outcome(stream)
      const failure = ratatoskrError(error, 'the read')
      equal(failure.code, 'truncated', 'the code')
      ok(!events.some(({ type }) => type === 'tool_call_end' || type === 'done'), 'no proof')
      equal(failure.partial?.toolCalls, [], 'the complete calls')
      equal(failure.partial?.incompleteToolCalls?.length, 2, 'the number of cut calls')
    },
  },
  {
    name: 'errors: no connection is a network error',
    async run(context) {
      const gateway = gatewayOf(context, {}, { baseURL: 'http://127.0.0.1:9/v1' })
      const opening = gateway.chatStream(messages, { model: 'text' })
      const error = ratatoskrError(await rejection(opening, 'chatStream()'), 'chatStream()')
      equal(error.code, 'network', 'the code')
      equal(error.retryable, true, 'retryable')
    },
  },
  {
    name: 'errors: a header that CORS refuses is a network error that says so',
    needs: ['preflights'],
    async run(context) {
      const gateway = gatewayOf(context, {}, { headers: { 'x-sdk-version': '1' } })
      const opening = gateway.chatStream(messages, { model: 'text' })
      const error = ratatoskrError(await rejection(opening, 'chatStream()'), 'chatStream()')
      equal(error.code, 'network', 'the code')
      ok(error.message.includes('CORS'), `the message names CORS: ${error.message}`)
    },
  },
  {
    name: 'errors: 429 and 500 are tried again before the first event',
    async run(context) {
      for (const model of ['status-429-once', 'status-500-once']) {
        const id = newId()
        const stream = await gatewayOf(context, { retry: {} }).chatStream(messages, {
          model,
          providerOptions: { user: id },
        })
        equal(canonical((await outcome(stream)).events), textEvents, `${model}: the events`)
        equal((await observe(context, id)).count, 2, `${model}: requests`)
      }
    },
  },
  {
    name: 'errors: the next model of a list is tried',
    async run(context) {
      const stream = await gatewayOf(context).chatStream(messages, {
        model: ['status-404', 'text'],
      })
      equal(canonical((await outcome(stream)).events), textEvents, 'the events')
    },
  },
  {
    name: 'errors: each timer ends a reply that stalls',
    async run(context) {
      const stall = async (model: string, timeouts: Partial<Timeouts>): Promise<void> => {
        const id = newId()
        const reading = gatewayOf(context, { timeouts }).chat(messages, {
          model,
          providerOptions: { user: id },
        })
        const error = ratatoskrError(await within(soon, rejection(reading, model), model), model)
        equal(error.code, 'timeout', `${model}: the code`)
        equal(error.partial?.content, model === 'silent' ? text : undefined, `${model}: the text`)
        // What was stopped early enough is never sent; `leftOpen` sees what is sent late.
        const isGone = ({ started, closedByClient }: Observed): boolean =>
          !started || closedByClient
        await seen(context, id, 'the connection is closed', isGone)
      }
      await Promise.all([
        stall('mute', { headers: 200 }),
        stall('headers-only', { firstEvent: 200 }),
        stall('silent', { idle: 1000 }),
      ])
    },
  },
  {
    name: 'errors: pings are life',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const reading = gatewayOf(context, { timeouts: { idle: 1000 } }).chat(messages, {
        model: 'silent-with-pings',
        providerOptions: { user: id },
        signal: controller.signal,
      })
      const error = rejection(reading, 'chat()')
      await sleep(1500)
      controller.abort()
      ok((await error) === controller.signal.reason, 'it waits until it is stopped')
      await closed(context, id)
    },
  },
  {
    name: 'errors: bad options are refused before anything is sent',
    async run(context) {
      const id = newId()
      const opening = open(context, 'text', { id, temperature: Number.NaN })
      const error = ratatoskrError(await rejection(opening, 'chatStream()'), 'chatStream()')
      equal(error.code, 'invalid_request', 'the code')
      await sleep(30)
      equal((await observe(context, id)).count, 0, 'requests')
    },
  },
  {
    name: 'errors: a reply that is too large to collect closes the socket',
    async run(context) {
      const id = newId()
      const stream = await open(context, 'endless', { id, maxResponseBytes: 100_000 })
      const { error } = await outcome(stream)
      equal(ratatoskrError(error, 'the read').code, 'too_large', 'the code')
      // WebKit first takes in all that a flooding server has sent.
      await closed(context, id, 2 * drainTime)
    },
  },
]
