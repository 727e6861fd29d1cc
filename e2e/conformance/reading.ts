// Replies that end well, read in every way.

import type { ChatEvent, ChatStream } from 'ratatoskr'
import { collect, createGateway } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { iterate } from 'ratatoskr/streams'
import { equal, ok, rejection, sleep } from './assert.ts'
import {
  canonical,
  doneEvent,
  gatewayOf,
  messages,
  open,
  outcome,
  textEvents,
  usageEvent,
} from './gateway-helpers.ts'
import { closed, drainTime, newId, observe, post } from './server.ts'
import type { ConformanceCase } from './types.ts'
import { bigEventLength, chunk, frame, text } from '../server/replies.mjs'

const textReply = {
  content: text,
  toolCalls: [],
  usage: usageEvent.type === 'usage' ? usageEvent.usage : undefined,
  model: 'fixture-1',
  id: 'chatcmpl-e2e',
  finishReason: 'stop',
  rawFinishReason: 'stop',
  message: { role: 'assistant', content: text },
}

/** Bun, workerd and some browsers cannot. */
async function transfers(): Promise<boolean> {
  try {
    const stream = new ReadableStream()
    const moved = structuredClone(stream, { transfer: [stream] })
    await moved.cancel()
    return true
  } catch {
    return false
  }
}

export const readingCases: readonly ConformanceCase[] = [
  {
    name: 'gateway: for await gives the events, however the bytes come',
    async run(context) {
      for (const model of ['text', 'bytes', 'decorated', 'text@once', 'json-whole']) {
        const { events, error } = await outcome(await open(context, model))
        equal(error, undefined, `${model}: the error`)
        equal(canonical(events), textEvents, `${model}: the events`)
      }
    },
  },
  {
    name: 'gateway: openrouter() streams, too',
    async run(context) {
      const gateway = createGateway({
        providers: [openrouter({ apiKey: 'key-e2e', baseURL: context.baseURL })],
      })
      const { events, error } = await outcome(await gateway.chatStream(messages, { model: 'text' }))
      equal(error, undefined, 'the error')
      equal(canonical(events), textEvents, 'the events')
    },
  },
  {
    name: 'gateway: parallel tool calls in fragments',
    async run(context) {
      const stream = await open(context, 'tools')
      const { events } = await outcome(stream)
      const pieces = ['', '']
      for (const event of events) {
        if (event.type === 'tool_call_delta') pieces[event.index] += event.arguments
      }
      equal(pieces, ['{"city":"Oslo 🌧"}', '{"city":"Roma"}'], 'the arguments')
      equal(
        events.filter(({ type }) => type === 'tool_call_end').length,
        2,
        'the number of calls that ended',
      )
      const { toolCalls, finishReason } = await stream.response()
      equal(
        toolCalls,
        [
          { id: 'call_oslo', name: 'weather', arguments: '{"city":"Oslo 🌧"}' },
          { id: 'call_roma', name: 'weather', arguments: '{"city":"Roma"}' },
        ],
        'the calls',
      )
      equal(finishReason, 'tool_calls', 'the finish reason')
    },
  },
  {
    name: 'gateway: a call that the length limit cut is not among the tool calls',
    async run(context) {
      const response = await (await open(context, 'length-in-call')).response()
      equal(response.finishReason, 'length', 'the finish reason')
      equal(response.toolCalls, [], 'the calls')
      equal(response.incompleteToolCalls?.length, 2, 'the number of cut calls')
    },
  },
  {
    name: 'gateway: reasoning and refusal',
    async run(context) {
      const reasoning = await (await open(context, 'reasoning')).response()
      equal(reasoning.reasoning, 'First, the tree.', 'the reasoning')
      equal(reasoning.content, text, 'the content')
      const refusal = await (await open(context, 'refusal')).response()
      equal(refusal.refusal, 'No nuts.', 'the refusal')
    },
  },
  {
    name: 'gateway: other ways to end well',
    async run(context) {
      equal(
        canonical((await outcome(await open(context, 'finish-and-end'))).events),
        [{ type: 'content', text }, doneEvent],
        'a finish reason and the end',
      )
      equal(
        (await (await open(context, 'done-without-finish')).response()).finishReason,
        'other',
        '[DONE] alone',
      )
    },
  },
  {
    name: 'gateway: a 4 MiB event',
    async run(context) {
      const response = await (await open(context, 'big-event')).response()
      equal(response.content.length, bigEventLength, 'the length')
    },
  },
  {
    name: 'gateway: stops at the terminal event and closes the connection',
    async run(context) {
      const id = newId()
      const { events, error } = await outcome(await open(context, 'open-after-done', { id }))
      equal(error, undefined, 'the error')
      equal(canonical(events), textEvents, 'the events')
      await closed(context, id, drainTime)
    },
  },
  {
    name: 'gateway: chat() gives the whole reply',
    async run(context) {
      equal(await gatewayOf(context).chat(messages, { model: 'text' }), textReply, 'the reply')
    },
  },
  {
    name: 'gateway: tells the request id and the headers',
    async run(context) {
      const stream = await open(context, 'text')
      equal(stream.requestId, 'req_e2e', 'the request id')
      equal(stream.headers?.get('x-request-id'), 'req_e2e', 'the header')
      await stream.response()
    },
  },
  {
    name: 'gateway: sends no header but those that are needed',
    async run(context) {
      const [own, plain] = [newId(), newId()]
      await (await open(context, 'text', { id: own })).response()
      await (await post(context, 'text', { id: plain })).text()
      const usual = Object.keys((await observe(context, plain)).headers)
      const sent = Object.keys((await observe(context, own)).headers)
      const extra = sent.filter((name) => !usual.includes(name))
      equal(extra, [], 'headers that a plain request does not have')
      equal((await observe(context, own)).headers['authorization'], 'Bearer key-e2e', 'the key')
    },
  },
  {
    name: 'stream: is a ReadableStream, and iterable by itself',
    async run(context) {
      const stream = await open(context, 'text')
      ok(stream instanceof ReadableStream, 'instanceof ReadableStream')
      equal(stream.locked, false, 'locked before')
      const iterator = stream[Symbol.asyncIterator]()
      await iterator.next()
      equal(stream.locked, true, 'locked while it is read')
      while (!(await iterator.next()).done);
      equal(stream.locked, false, 'locked after')
      equal((await iterator.next()).done, true, 'the read after the end')
    },
  },
  {
    name: 'stream: getReader()',
    async run(context) {
      const stream = await open(context, 'text')
      const reader = stream.getReader()
      const events: ChatEvent[] = []
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        events.push(value)
      }
      equal(canonical(events), textEvents, 'the events')
      await reader.closed
    },
  },
  {
    name: 'response(): before, during and after the iteration, always the same promise',
    async run(context) {
      const before = await open(context, 'text')
      const early = before.response()
      const { events } = await outcome(before).catch(() => ({ events: [] }))
      equal(await early, textReply, 'before')
      ok(early === before.response(), 'the same promise')
      ok(events.length === 0 || canonical(events).length === 3, 'it reads all or nothing')

      const during = await open(context, 'text')
      let promise: ReturnType<ChatStream['response']> | undefined
      let count = 0
      for await (const event of during) {
        ok(event.type !== 'provider', 'no provider events unasked')
        count += 1
        promise ??= during.response()
      }
      equal(await promise, textReply, 'during')
      ok(count > 3, 'the loop saw every event')

      const after = await open(context, 'text')
      await outcome(after)
      equal(await after.response(), textReply, 'after')
    },
  },
  {
    name: 'response(): without any iteration, and text()',
    async run(context) {
      equal(await (await open(context, 'text')).response(), textReply, 'the reply')
      equal(await (await open(context, 'text')).text(), text, 'the text')
    },
  },
  {
    name: 'response(): follows a locked reader, and takes over when the lock is given up',
    async run(context) {
      const stream = await open(context, 'text')
      const reader = stream.getReader()
      await reader.read()
      let settled = false
      const response = stream.response().finally(() => {
        settled = true
      })
      await sleep(100)
      equal(settled, false, 'settled while the reader holds the lock')
      reader.releaseLock()
      equal(await stream.response(), textReply, 'the reply')
      equal(await response, textReply, 'the reply of the first call')
    },
  },
  {
    name: 'partial: what has come so far',
    async run(context) {
      const stream = await open(context, 'text')
      equal(stream.partial.content, '', 'before the first read')
      let received = ''
      for await (const event of stream) {
        if (event.type === 'content') received += event.text
        equal(stream.partial.content, received, 'during')
      }
      equal(stream.partial.finishReason, 'stop', 'the finish reason')
    },
  },
  {
    name: 'collect: false keeps nothing',
    async run(context) {
      const stream = await open(context, 'text', { collect: false })
      const { events, error } = await outcome(stream)
      equal(error, undefined, 'the error')
      equal(canonical(events), textEvents, 'the events')
      await rejection(stream.response(), 'response()')
    },
  },
  {
    name: 'tee() and pipeThrough() give plain streams of the events',
    async run(context) {
      const [left, right] = (await open(context, 'text')).tee()
      const [one, two] = await Promise.all([outcome(iterate(left)), outcome(iterate(right))])
      equal(canonical(one.events), textEvents, 'the left branch')
      equal(canonical(two.events), textEvents, 'the right branch')

      const texts = (await open(context, 'text')).pipeThrough(
        new TransformStream<ChatEvent, string>({
          transform(event, controller) {
            if (event.type === 'content') controller.enqueue(event.text)
          },
        }),
      )
      let joined = ''
      for await (const piece of iterate(texts)) joined += piece
      equal(joined, text, 'the piped text')
    },
  },
  {
    name: 'collect() takes plain streams, also where the engine cannot iterate them',
    async run(context) {
      const [left, right] = (await open(context, 'text')).tee()
      const [one, two] = await Promise.all([collect(left), collect(iterate(right))])
      equal(one, textReply, 'of a stream')
      equal(two, textReply, 'of an iterator')
    },
  },
  {
    name: 'stream: can be transferred, where the engine transfers streams',
    async run(context) {
      if (!(await transfers())) return
      const stream = await open(context, 'text')
      const moved = structuredClone(stream as ReadableStream<ChatEvent>, { transfer: [stream] })
      const { events, error } = await outcome(iterate(moved))
      equal(error, undefined, 'the error')
      equal(canonical(events), textEvents, 'the events')
    },
  },
  {
    name: 'stream: several reads at once are served in order',
    async run(context) {
      const stream = await open(context, 'bytes')
      const iterator = stream[Symbol.asyncIterator]()
      const results = await Promise.all(Array.from({ length: 40 }, () => iterator.next()))
      const events = results.flatMap(({ value }) => (value === undefined ? [] : [value]))
      equal(canonical(events), textEvents, 'the events')
      equal(results.at(-1)?.done, true, 'the last read')
    },
  },
  {
    name: 'stream: several replies at once do not mix',
    async run(context) {
      const models = ['text', 'tools', 'reasoning', 'refusal']
      const alone: unknown[] = []
      for (const model of models) alone.push((await outcome(await open(context, model))).events)
      const together = await Promise.all(
        models.map(async (model) => (await outcome(await open(context, model))).events),
      )
      equal(together, alone, 'the events')
    },
  },
  {
    name: 'stream: with preventCancel, the rest can be read later',
    async run(context) {
      const stream = await open(context, 'text')
      const events: ChatEvent[] = []
      for await (const event of stream.values({ preventCancel: true })) {
        events.push(event)
        if (events.length === 2) break
      }
      equal(stream.locked, false, 'locked in between')
      for await (const event of stream) events.push(event)
      equal(canonical(events), textEvents, 'the events')
    },
  },
  {
    name: 'stream: while it is locked, others are refused',
    async run(context) {
      const stream = await open(context, 'text')
      const reader = stream.getReader()
      for (const refused of [() => stream.getReader(), () => stream.tee(), () => stream.values()]) {
        let error: unknown
        try {
          refused()
        } catch (thrown) {
          error = thrown
        }
        ok(error instanceof TypeError, `a TypeError: ${String(error)}`)
      }
      ok((await rejection(stream.cancel(), 'cancel()')) instanceof TypeError, 'cancel()')
      reader.releaseLock()
      equal((await stream.response()).content, text, 'the content')
    },
  },
  {
    name: 'demand: reads only for a reader, at most one chunk ahead',
    async run(context) {
      let reads = 0
      const stream = await gatewayOf(
        context,
        {},
        {
          fetch: async () =>
            new Response(
              new ReadableStream<Uint8Array>(
                {
                  async pull(controller) {
                    reads += 1
                    // A chunk from the network never comes in the same turn.
                    await sleep(1)
                    const value = frame(chunk({ content: `${reads} ` }))
                    controller.enqueue(new TextEncoder().encode(value))
                  },
                },
                { highWaterMark: 0 },
              ),
              { headers: { 'content-type': 'text/event-stream' } },
            ),
        },
      ).chatStream(messages, { model: 'counted' })
      await sleep(50)
      ok(reads <= 2, `${reads} reads before the first event was asked for`)
      const iterator = stream[Symbol.asyncIterator]()
      for (let count = 1; count <= 5; count += 1) {
        equal((await iterator.next()).value, { type: 'content', text: `${count} ` }, 'the event')
        await sleep(20)
        ok(reads <= count + 1, `${reads} reads for ${count} events`)
      }
      await iterator.return?.()
    },
  },
]
