import fc from 'fast-check'
import { is } from 'valibot'
import { expect, it } from 'vitest'
import { chatEvent } from '../wire/chat-event.ts'
import { chatFailure } from '../wire/chat-failure.ts'
import { isChatEvent, isOtherEvent } from './is-chat-event.ts'
import { isChatFailure } from './read-failure.ts'

const types = [
  'content',
  'reasoning',
  'refusal',
  'tool_call_start',
  'tool_call_delta',
  'tool_call_end',
  'citation',
  'image',
  'provider',
  'usage',
  'done',
]

// Mostly right, for two wrong fields hide each other.
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() })
const text = mostly(fc.constantFrom('', 'a'))
const said = mostly(fc.constant('a'))
const count = mostly(fc.nat(9))

const inner = mostly(
  fc.record(
    {
      url: text,
      title: text,
      text,
      documentId: text,
      start: count,
      end: count,
      mediaType: text,
      data: text,
      dialect: text,
      promptTokens: count,
      completionTokens: count,
      totalTokens: count,
      reasoningTokens: count,
      cachedTokens: count,
      cacheWriteTokens: count,
      cost: count,
    },
    { requiredKeys: ['mediaType', 'dialect', 'promptTokens', 'completionTokens', 'totalTokens'] },
  ),
)

const event = fc.record(
  {
    type: mostly(fc.constantFrom(...types, 'video', 'constructor')),
    text: said,
    index: count,
    id: text,
    name: text,
    kind: mostly(fc.constant('custom')),
    arguments: said,
    citation: inner,
    image: inner,
    dialect: text,
    data: fc.jsonValue(),
    usage: inner,
    finishReason: mostly(
      fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter', 'other'),
    ),
    rawFinishReason: text,
    model: text,
    continuation: inner,
  },
  { requiredKeys: ['type', 'text', 'index', 'id', 'name', 'arguments', 'data', 'finishReason'] },
)

it('takes what the schema takes, with data or without', () => {
  const seen = { yes: 0, no: 0 }
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: event }, fc.jsonValue()), (value) => {
      // The schema asks for a key whose value may be anything, JSON for none.
      const expected = is(chatEvent, withData(value))
      seen[expected ? 'yes' : 'no'] += 1
      expect(isChatEvent(value)).toBe(expected)
    }),
    { numRuns: 3000 },
  )
  expect(seen.yes).toBeGreaterThan(500)
  expect(seen.no).toBeGreaterThan(500)
})

function withData(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('continuation' in value)) return value
  const { continuation } = value
  const isObject = typeof continuation === 'object' && continuation !== null
  return isObject ? { ...value, continuation: { data: null, ...continuation } } : value
}

it('knows events of other types from what is no event', () => {
  expect(isOtherEvent({ type: 'video' })).toBe(true)
  expect(isOtherEvent({ type: 'constructor' })).toBe(true)
  for (const value of [{ type: 'content' }, { type: 7 }, {}, null, 'video', []]) {
    expect(isOtherEvent(value)).toBe(false)
  }
})

it('takes failures as the schema does', () => {
  const failure = fc.record(
    {
      code: text,
      message: text,
      retryable: mostly(fc.boolean()),
      status: count,
      retryAfter: count,
      requestId: text,
      providerMessage: text,
    },
    { requiredKeys: ['code', 'message', 'retryable'] },
  )
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: failure }, fc.jsonValue()), (value) => {
      expect(isChatFailure(value)).toBe(is(chatFailure, value))
    }),
    { numRuns: 1000 },
  )
})
