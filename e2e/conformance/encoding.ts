// Anthropic through the gateway, and the way back: events to the bytes of either dialect.

import type { ChatEvent } from 'ratatoskr'
import { createGateway, isRatatoskrError, toolResult } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { iterate } from 'ratatoskr/streams'
import { equal, ok, rejection, soon, within } from './assert.ts'
import { anthropicDialect, chatDialect, fixtureDialects } from './dialects.ts'
import type { FixtureDialect } from './dialects.ts'
import {
  anthropicTextEvents,
  bodyOf,
  canonical,
  messages,
  open,
  outcome,
  ratatoskrError,
} from './gateway-helpers.ts'
import { closed, drainTime, newId, observe, silence } from './server.ts'
import type { ConformanceCase } from './types.ts'
import { text } from '../server/replies.mjs'

const dialect = 'anthropic'

interface Call {
  readonly id: string
  readonly name: string
  arguments: string
  ended: boolean
}

/** What every dialect carries: texts, each call with its arguments, counts, why it ended. */
function carried(events: readonly ChatEvent[]): { calls: Call[]; others: unknown[] } {
  const calls: Call[] = []
  const others: unknown[] = []
  const refused = events.some(({ type }) => type === 'refusal')
  for (const event of canonical(events)) {
    if (event.type === 'tool_call_start') {
      calls.push({ id: event.id, name: event.name, arguments: '', ended: false })
    } else if (event.type === 'tool_call_delta') {
      const call = calls[event.index]
      if (call) call.arguments += event.arguments
    } else if (event.type === 'tool_call_end') {
      const call = calls[event.index]
      if (call) call.ended = true
    } else if (event.type === 'done') {
      // Anthropic's format ends a refusal as one; others as any text.
      const isRefusal = event.finishReason === 'content_filter' && refused
      others.push({ finishReason: isRefusal ? 'stop' : event.finishReason, model: event.model })
    } else if (event.type !== 'usage' || event.usage.totalTokens > 0) {
      // Anthropic's format must count: nothing where nothing is known.
      others.push(event)
    }
  }
  return { calls, others }
}

/** The events of a reply, without a server. */
function eventsOf({ replies, decode }: FixtureDialect, name: string): ReadableStream<ChatEvent> {
  return decode(bodyOf(new Response(replies[name]?.join(''))))
}

export const encodingCases: readonly ConformanceCase[] = [
  {
    name: 'anthropic: for await gives the events, however the bytes come',
    async run(context) {
      for (const model of ['text', 'bytes', 'decorated', 'text@once', 'json-whole']) {
        const { events, error } = await outcome(await open(context, model, { dialect }))
        equal(error, undefined, `${model}: the error`)
        equal(canonical(events), anthropicTextEvents, `${model}: the events`)
      }
    },
  },
  {
    name: 'anthropic: thinking goes back with the result of a tool',
    async run(context) {
      const first = await (await open(context, 'reasoning', { dialect })).response()
      equal(first.reasoning, 'First, the tree.', 'the reasoning')
      const id = newId()
      const gateway = createGateway({
        providers: [anthropic({ apiKey: 'key-e2e', baseURL: context.baseURL })],
      })
      const { toolCalls } = await (await open(context, 'tools', { dialect })).response()
      const call = toolCalls[0]
      ok(call, 'there is a call')
      await gateway.chat(
        [...messages, { ...first.message, toolCalls: [call] }, toolResult(call.id, 'Rain.')],
        { model: 'text', providerOptions: { metadata: { user_id: id } } },
      )
      const { body } = await observe(context, id)
      const turns = (body as { messages: { role: string; content: unknown }[] }).messages
      equal(
        ((turns[1]?.content ?? []) as unknown[]).slice(0, 3),
        [
          { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
          { type: 'thinking', thinking: 'First, the tree.', signature: 'c2lnbmVk' },
          { type: 'text', text },
        ],
        'the blocks',
      )
    },
  },
  {
    name: 'anthropic: cut before its last event it is truncated, whatever it said before',
    async run(context) {
      for (const model of ['truncated', 'cut-event', 'cut-call', 'finish-and-end']) {
        const stream = await open(context, model, { dialect })
        const { error, events } = await outcome(stream)
        equal(ratatoskrError(error, model).code, 'truncated', `${model}: the code`)
        ok(!events.some(({ type }) => type === 'done'), `${model}: there is a done`)
        if (model !== 'cut-call') equal(stream.partial.content, text, `${model}: the partial text`)
      }
    },
  },
  {
    name: 'anthropic: stops at the terminal event, by break and by an abort',
    async run(context) {
      const [ended, broken, aborted] = [newId(), newId(), newId()]
      const complete = await outcome(await open(context, 'open-after-done', { id: ended, dialect }))
      equal(complete.error, undefined, 'the error')
      equal(canonical(complete.events), anthropicTextEvents, 'the events')
      await closed(context, ended, drainTime)

      for await (const event of await open(context, 'silent', { id: broken, dialect })) {
        equal(event.type, 'content', 'the first event')
        await silence()
        break
      }
      await closed(context, broken)

      const controller = new AbortController()
      const stream = await open(context, 'silent', {
        id: aborted,
        dialect,
        signal: controller.signal,
      })
      const reading = rejection(stream.response(), 'response()')
      await silence()
      controller.abort()
      ok((await within(soon, reading, 'response()')) === controller.signal.reason, 'the reason')
      await closed(context, aborted)
    },
  },
  {
    name: 'encoders: the bytes of one dialect become those of the other, and mean the same',
    async run() {
      for (const from of fixtureDialects) {
        for (const to of fixtureDialects) {
          for (const model of ['text', 'tools', 'reasoning', 'refusal', 'length-in-call']) {
            const own = await outcome(iterate(eventsOf(from, model)))
            const bytes = to.encode(eventsOf(from, model))
            const there = await outcome(iterate(to.decode(bytes)))
            const what = `${model} from ${from.name} to ${to.name}`
            equal(there.error, undefined, `${what}: the error`)
            equal(carried(there.events), carried(own.events), what)
          }
        }
      }
    },
  },
  {
    name: 'encoders: a stream of the gateway is the body of a response',
    async run(context) {
      for (const [from, to] of [
        [anthropicDialect, chatDialect],
        [chatDialect, anthropicDialect],
      ] as const) {
        const stream = await open(context, 'tools', { dialect: from.name })
        const response = new Response(to.encode(stream), {
          headers: { 'content-type': 'text/event-stream' },
        })
        const bytes = new Uint8Array(await response.arrayBuffer())
        const decoder = to.decoder()
        const events: ChatEvent[] = []
        decoder.push(bytes, (event) => events.push(event))
        decoder.end((event) => events.push(event))
        const pieces = ['', '']
        for (const event of events) {
          if (event.type === 'tool_call_delta') pieces[event.index] += event.arguments
        }
        const { toolCalls } = await (
          await open(context, 'tools', { dialect: from.name })
        ).response()
        equal(
          pieces,
          toolCalls.map((call) => call.arguments),
          `to ${to.name}: the arguments`,
        )
      }
    },
  },
  {
    name: 'encoders: what fails ends with an error of the dialect, and is never whole',
    async run() {
      for (const from of fixtureDialects) {
        for (const to of fixtureDialects) {
          for (const model of ['error-frame', 'truncated', 'cut-event', 'cut-call', 'not-json']) {
            const own = await outcome(iterate(eventsOf(from, model)))
            const bytes = to.encode(eventsOf(from, model))
            const there = await outcome(iterate(to.decode(bytes)))
            const what = `${model} from ${from.name} to ${to.name}`
            ok(isRatatoskrError(own.error) && isRatatoskrError(there.error), `${what}: no error`)
            const code = model === 'error-frame' ? 'overloaded' : 'api'
            equal(there.error.code, code, `${what}: the code`)
            const { others, calls } = carried(there.events)
            equal(others, carried(own.events).others, `${what}: what came before`)
            // A call that waited for the end of another may be missing; chat tells ends last of all.
            const [call, known] = [calls[0], carried(own.events).calls[0]]
            equal({ ...call, ended: false }, { ...known, ended: false }, `${what}: the first call`)
          }
        }
      }
    },
  },
  {
    name: 'encoders: who stops reading the bytes closes the connection to the model',
    needs: ['cancelCloses'],
    async run(context) {
      for (const from of fixtureDialects) {
        for (const to of fixtureDialects) {
          const id = newId()
          const stream = await open(context, 'silent', { id, dialect: from.name })
          const reader = to.encode(stream).getReader()
          await reader.read()
          await silence()
          await within(soon, reader.cancel(), 'reader.cancel()')
          await closed(context, id)
        }
      }
    },
  },
]
