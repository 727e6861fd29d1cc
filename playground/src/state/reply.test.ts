import type { ChatEvent } from 'ratatoskr'
import { expect, test } from 'vitest'
import { Reply } from './reply.ts'

/** A reply with a clock that is set by hand. */
function setUp(events: readonly ChatEvent[] = []) {
  const clock = { time: 1000 }
  const reply = new Reply('Simulated · squirrel-1', 'simulated', () => clock.time)
  for (const event of events) reply.add(event)
  return { reply, clock }
}

const message = { role: 'assistant', content: 'Hi' } as const

test('gathers what each event brings', () => {
  const { reply } = setUp([
    { type: 'reasoning', text: 'Let me' },
    { type: 'reasoning', text: ' see.' },
    { type: 'content', text: 'Hello' },
    { type: 'refusal', text: 'No.' },
    { type: 'citation', citation: { url: 'https://example.com' } },
    { type: 'image', image: { mediaType: 'image/png', data: 'AAAA' } },
    { type: 'usage', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } },
    { type: 'done', finishReason: 'stop', rawFinishReason: 'end_turn', model: 'squirrel-1b' },
  ])
  expect(reply.reasoning.toString()).toBe('Let me see.')
  expect(reply.content.toString()).toBe('Hello')
  expect(reply.refusal.toString()).toBe('No.')
  expect(reply.citations).toEqual([{ url: 'https://example.com' }])
  expect(reply.images).toHaveLength(1)
  expect(reply.usage?.totalTokens).toBe(3)
  expect([reply.finishReason, reply.rawFinishReason, reply.model]).toEqual([
    'stop',
    'end_turn',
    'squirrel-1b',
  ])
  expect(reply.events).toBe(8)
})

test('is streaming with the first event that is a part of it', () => {
  const { reply, clock } = setUp()
  clock.time = 1100
  reply.sent()
  clock.time = 1200
  reply.add({ type: 'provider', dialect: 'anthropic', data: {} })
  expect([reply.state, reply.isRunning, reply.times.firstEvent]).toEqual([
    'waiting',
    true,
    undefined,
  ])
  clock.time = 1300
  reply.add({ type: 'content', text: 'Hi' })
  expect([reply.state, reply.times]).toEqual(['streaming', { began: 1100, firstEvent: 1300 }])
})

test('has a rate from its second event on, and none that moves after the end', () => {
  const { reply, clock } = setUp([{ type: 'content', text: 'a' }])
  expect(reply.rate).toBeUndefined()
  for (let i = 0; i < 10; i += 1) reply.add({ type: 'content', text: 'a' })
  clock.time = 1500
  expect(reply.rate).toBe(20)
  reply.complete(message, 'req_1')
  clock.time = 9000
  expect(reply.rate).toBe(20)
  expect(reply.requestId).toBe('req_1')
})

test('calls form side by side; what is not at its end when the reply is, was cut', () => {
  const { reply } = setUp([
    { type: 'tool_call_start', index: 0, id: 'a', name: 'get_time' },
    { type: 'tool_call_start', index: 1, id: 'b', name: 'get_weather' },
    { type: 'tool_call_delta', index: 1, arguments: '{"pl' },
    { type: 'tool_call_delta', index: 0, arguments: '{}' },
    { type: 'tool_call_end', index: 0 },
    // Of a call that never began there is nothing to show.
    { type: 'tool_call_delta', index: 7, arguments: '{}' },
    { type: 'tool_call_end', index: 7 },
  ])
  expect(reply.calls.map(({ state }) => state)).toEqual(['complete', 'forming'])
  reply.fail(new Error('cut'), message)
  expect(
    reply.calls.map(({ id, name, state, arguments: text }) => [id, name, state, text.toString()]),
  ).toEqual([
    ['a', 'get_time', 'complete', '{}'],
    ['b', 'get_weather', 'cut', '{"pl'],
  ])
})

test('only the calls of a reply that is complete wait for results', () => {
  const toolCalls = [{ id: 'a', name: 'get_time', arguments: '{}' }]
  const called = { ...message, toolCalls }
  for (const end of ['complete', 'stop', 'fail'] as const) {
    const { reply } = setUp([{ type: 'tool_call_start', index: 0, id: 'a', name: 'get_time' }])
    expect(reply.openCalls).toEqual([])
    if (end === 'complete') reply.complete(called, undefined)
    else if (end === 'stop') reply.stop(called)
    else reply.fail(new Error('cut'), called)
    expect(reply.openCalls).toEqual(end === 'complete' ? toolCalls : [])
    expect(reply.isRunning).toBe(false)
  }
})
