import { describe, expect, test } from 'vitest'
import { chunkingsFor, seededPlaces } from '../test/chunkings.ts'
import { dialects, type DialectUnderTest } from '../test/dialects.ts'
import { hasRecordings, loadRecordings, type Expected, type Recording } from '../test/recordings.ts'
import { runDecoder } from '../test/run-decoder.ts'
import { createCollector } from './collector.ts'
import type { ChatEvent, FinishReason } from './event.ts'
import type { PartialChatResponse } from './response.ts'

if (!hasRecordings) test.skip('recordings: skipped, ../shared/recordings is not there', () => {})

for (const dialect of dialects) {
  const recordings = loadRecordings(dialect.wire, dialect.files)

  describe.runIf(hasRecordings)(`recorded replies of ${dialect.name}`, () => {
    test('there are some, and the tables know each', () => {
      expect(recordings.length).toBeGreaterThan(dialect.fewestRecordings)
      const known = [...Object.keys(dialect.terminals), ...Object.keys(dialect.failures)]
      expect(new Set(known)).toEqual(new Set(recordings.map((recording) => recording.name)))
    })

    test.each(recordings)('$name', (recording) => {
      const whole = runDecoder(dialect.decoder(), [recording.bytes])
      expect(whole.error?.code).toBe(dialect.failures[recording.name])
      const response = collected(whole.output)
      expectContent(response, recording.expected)
      if (whole.error === undefined) expectEnd(whole.output, response, recording)

      for (const chunking of chunkingsFor(recording.bytes)) {
        const split = runDecoder(dialect.decoder(), chunking.cut(recording.bytes))
        expect(split.output, chunking.name).toEqual(whole.output)
        expect(split.error?.message, chunking.name).toBe(whole.error?.message)
      }
    })

    test.each(recordings.filter((recording) => dialect.terminals[recording.name] !== undefined))(
      'cut before its end, it fails: $name',
      (recording) => {
        expectCuts(dialect, recording)
      },
    )
  })
}

/** Cuts at the frame boundaries before the terminal event: all, or in long replies many. */
function expectCuts(dialect: DialectUnderTest, recording: Recording): void {
  const terminal = dialect.terminals[recording.name] ?? 0
  const ends = dialect.boundaries(recording.bytes)
  const whole = runDecoder(dialect.decoder(), [recording.bytes])
  const before = terminal - 1
  const cuts =
    before <= 150
      ? Array.from({ length: before }, (_, i) => i + 1)
      : [...new Set([...seededPlaces(before, 60), before - 1, before])]
  for (const frames of cuts) {
    const cut = runDecoder(dialect.decoder(), [recording.bytes.subarray(0, ends[frames - 1])])
    expect(cut.error?.code, `after ${frames} events`).toBe('truncated')
    expect(cut.output, `after ${frames} events`).toEqual(whole.output.slice(0, cut.output.length))
    expect(cut.output.some((event) => event.type === 'done')).toBe(false)
    const bytes = recording.bytes.subarray(0, ends[frames - 1])
    const partial = collected(cut.output)
    expect(partial.toolCalls).toHaveLength(dialect.closedCalls(bytes))
    expect(partial.finishReason).toBeUndefined()
    expect(partial.content).toBe(dialect.contentOf(bytes))
  }
  // One event more, and the reply is complete: the table tells the first such event.
  const complete = runDecoder(dialect.decoder(), [
    recording.bytes.subarray(0, ends[terminal - 1] ?? recording.bytes.length),
  ])
  expect(complete.error).toBeUndefined()
  expect(complete.output.at(-1)?.type).toBe('done')
}

function collected(events: readonly ChatEvent[]): PartialChatResponse {
  const collector = createCollector()
  for (const event of events) collector.add(event)
  return collector.partial()
}

function expectContent(response: PartialChatResponse, expected: Expected): void {
  expect(response.content).toBe(expected.content)
  expect(response.reasoning ?? '').toBe(expected.reasoning)
  expect(response.refusal ?? null).toBe(expected.refusal)
  const whole = expected.tool_calls.filter((call) => call.custom || call.arguments_json !== null)
  const cut = expected.tool_calls.filter((call) => !whole.includes(call))
  const plain = (calls: Expected['tool_calls']): unknown[] =>
    calls.map(({ name, arguments: text }) => ({ name, arguments: text }))
  expect(
    response.toolCalls.map((call) => ({ name: call.name, arguments: call.arguments })),
  ).toEqual(plain(whole.map((call) => ({ ...call, arguments: call.arguments || '{}' }))))
  expect(
    (response.incompleteToolCalls ?? []).map((call) => ({
      name: call.name,
      arguments: call.arguments,
    })),
  ).toEqual(plain(cut))
  for (const [i, call] of whole.entries()) {
    if (typeof call.id === 'string' && call.id !== '')
      expect(response.toolCalls[i]?.id).toBe(call.id)
  }
  const ids = response.toolCalls.map((call) => call.id)
  expect(new Set(ids).size).toBe(ids.length)
}

/** What the words of the recordings mean in ours. */
const finishReasons: { readonly [raw: string]: FinishReason } = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
  completed: 'stop',
  STOP: 'stop',
  FINISH: 'stop',
  LENGTH: 'length',
  guardrail_intervened: 'content_filter',
  COMPLETE: 'stop',
  TOOL_CALL: 'tool_calls',
  // Google's words, by their numbers.
  '1': 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
}

function expectEnd(
  events: readonly ChatEvent[],
  response: PartialChatResponse,
  { name, expected }: Recording,
): void {
  const types = events.map((event) => event.type)
  expect(types.filter((type) => type === 'done')).toHaveLength(1)
  expect(types.at(-1)).toBe('done')
  expect(types.filter((type) => type === 'usage').length).toBeLessThanOrEqual(1)
  if (types.includes('usage')) expect(types.at(-2)).toBe('usage')
  for (const event of events) if ('text' in event) expect(event.text).not.toBe('')

  const said = expected.finish_reason_raw === null ? null : `${expected.finish_reason_raw}`
  const mapped = said === null ? 'other' : (finishReasons[said] ?? 'other')
  const stopped = said === null || mapped === 'stop'
  expect(response.finishReason).toBe(
    stopped && response.toolCalls.length > 0 ? 'tool_calls' : mapped,
  )
  expect(response.rawFinishReason ?? null).toBe(said)

  if (expected.usage === null) {
    expect(response.usage).toBeUndefined()
    return
  }
  const { prompt_tokens, completion_tokens, total_tokens, reasoning_tokens } = expected.usage
  // Grok counts its reasoning apart; the sum tells.
  const apart =
    total_tokens === (prompt_tokens ?? 0) + (completion_tokens ?? 0) + (reasoning_tokens ?? 0)
  expect(response.usage).toMatchObject({
    promptTokens: prompt_tokens,
    completionTokens: (completion_tokens ?? 0) + (apart ? (reasoning_tokens ?? 0) : 0),
    totalTokens: total_tokens,
  })
  // The assembler has no eye for Cohere's.
  if (reasoning_tokens !== null || !/cohere/.test(name)) {
    expect(response.usage?.reasoningTokens ?? null).toBe(reasoning_tokens)
  }
}
