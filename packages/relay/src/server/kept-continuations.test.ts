import { assistant, user, type ChatEvent, type Message, type ToolCall } from 'ratatoskr'
import { describe, expect, it } from 'vitest'
import { keepContinuation, putContinuationsBack } from './kept-continuations.ts'
import { memoryContinuationStore } from './memory-continuation-store.ts'

const caller = { id: 'ann' }
const continuation = { dialect: 'anthropic', data: { blocks: [{ type: 'thinking' }] } }
const calls: ToolCall[] = [
  { id: 'a', name: 'weather', arguments: '{"city":"Oslo","days":2}' },
  { id: 'b', name: 'clock', arguments: '' },
  { id: 'c', name: 'run', arguments: 'print(1)', kind: 'custom' },
]

async function keptOf(made: readonly ToolCall[], kept: unknown = continuation.data) {
  const store = memoryContinuationStore()
  const keep = keepContinuation(store, caller)
  const events: ChatEvent[] = made.flatMap(({ id, name, arguments: text, kind }, index) => [
    { type: 'tool_call_start', index, id, name, ...(kind === 'custom' && { kind }) },
    { type: 'tool_call_delta', index, arguments: text.slice(0, 3) },
    { type: 'tool_call_delta', index, arguments: text.slice(3) },
    { type: 'tool_call_end', index },
  ])
  const done = { dialect: 'anthropic', data: kept }
  for (const event of events) await keep(event)
  await keep({ type: 'done', finishReason: 'tool_calls', continuation: done })
  return store
}

async function back(
  store: Awaited<ReturnType<typeof keptOf>>,
  toolCalls: ToolCall[],
  who = caller,
) {
  const messages: Message[] = [user('Hi'), assistant('', toolCalls)]
  const [, message] = await putContinuationsBack(store, who, messages)
  return message?.role === 'assistant' ? message.continuation : undefined
}

describe('what a provider wants back', () => {
  it('is put on the message with the calls, or with one of them', async () => {
    const store = await keptOf(calls)
    expect(await back(store, calls)).toEqual(continuation)
    for (const call of calls) expect(await back(store, [call])).toEqual(continuation)
  })

  it('does not mind how a client writes the arguments', async () => {
    const store = await keptOf(calls)
    const written: ToolCall[] = [
      { id: 'a', name: 'weather', arguments: '{ "days": 2.0, "city": "\\u004fslo" }' },
      { id: 'b', name: 'clock', arguments: '{}' },
      // As Anthropic's protocol carries free text.
      { id: 'c', name: 'run', arguments: '{"input":"print(1)"}' },
    ]
    for (const call of written) expect(await back(store, [call])).toEqual(continuation)
  })

  it('is not put on another call, nor on another caller’s', async () => {
    const store = await keptOf(calls)
    const [first] = calls
    if (!first) throw new Error('There is none.')
    for (const other of [{ id: 'x' }, { name: 'x' }, { arguments: '{"city":"Bergen","days":2}' }]) {
      expect(await back(store, [{ ...first, ...other }])).toBeUndefined()
    }
    expect(await back(store, calls, { id: 'bob' })).toBeUndefined()
    expect(await back(store, [])).toBeUndefined()
  })

  it('is not kept where it is too large, or there are no calls', async () => {
    expect(await back(await keptOf(calls, 'x'.repeat(2 ** 20)), calls)).toBeUndefined()
    const long = [{ id: 'a', name: 'n', arguments: `{"a":"${'x'.repeat(2 ** 20)}"}` }]
    expect(await back(await keptOf(long), long)).toBeUndefined()
    expect(await back(await keptOf([]), calls)).toBeUndefined()
  })

  it('takes the place of what the client has sent of it', async () => {
    const store = await keptOf(calls)
    const sent = { dialect: 'anthropic', data: { blocks: [] } }
    const [first, second] = await putContinuationsBack(store, caller, [
      { ...assistant('', calls), continuation: sent },
      { ...assistant('Hi'), continuation: sent },
    ])
    expect([first, second]).toMatchObject([{ continuation }, { continuation: sent }])
  })

  it('is worth no failure of the store', async () => {
    const fail = () => Promise.reject(new Error('away'))
    const store = { put: fail, get: fail }
    const keep = keepContinuation(store, caller)
    await keep({ type: 'tool_call_start', index: 0, id: 'a', name: 'weather' })
    await keep({ type: 'tool_call_end', index: 0 })
    await keep({ type: 'done', finishReason: 'tool_calls', continuation })
    expect(await putContinuationsBack(store, caller, [user('Hi'), assistant('', calls)])).toEqual([
      user('Hi'),
      assistant('', calls),
    ])
  })
})
