import type { ChatEvent } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import {
  describeEvent,
  describeFrame,
  describeTransfer,
  describeValue,
  timeOf,
} from './describe.ts'

const encoder = new TextEncoder()

test('frames that are no server-sent events', () => {
  const line = { data: '{"done":true}', unit: 'line' } as const
  expect(describeFrame.row(line)).toEqual({ tag: 'line', text: line.data })
  expect(describeFrame.detail(line)).toBe(line.data)
  expect(describeFrame.detail({ ...line, unfinished: true })).toBe(
    `(the body ended before the line did)\n${line.data}`,
  )
  expect(describeFrame.row({ data: '{}', unit: 'message' }).tag).toBe('message')
})

describe('what is transferred', () => {
  test('a request, with its body laid out', () => {
    const item = {
      kind: 'request',
      method: 'POST',
      url: 'https://sim.test/v1/chat/completions',
      headers: [['content-type', 'application/json']] as [string, string][],
      body: '{"stream":true}',
    } as const
    expect(describeTransfer.row(item)).toEqual({ tag: 'POST', text: item.url, tone: 'meta' })
    expect(describeTransfer.detail(item)).toBe(
      `POST ${item.url}\ncontent-type: application/json\n\n{\n  "stream": true\n}`,
    )
    expect(describeTransfer.detail({ ...item, body: 'no JSON' })).toContain('\n\nno JSON')
  })

  test.each([
    [200, 'meta'],
    [429, 'bad'],
  ] as const)('a response with status %i', (status, tone) => {
    const headers: [string, string][] = [['content-type', 'text/event-stream']]
    const item = { kind: 'response', status, headers } as const
    expect(describeTransfer.row(item)).toEqual({
      tag: String(status),
      text: 'text/event-stream',
      tone,
    })
    expect(describeTransfer.detail(item)).toBe(`Status ${status}\ncontent-type: text/event-stream`)
    expect(describeTransfer.row({ ...item, headers: [] }).text).toBe('')
  })

  test('a chunk, where it lay, and that not all of it was kept', () => {
    const bytes = encoder.encode('data: {}\n\n')
    const item = { kind: 'chunk', bytes, size: 10, offset: 5 } as const
    expect(describeTransfer.row(item)).toEqual({ tag: '10 B', text: 'data: {}↵↵' })
    expect(describeTransfer.detail(item)).toContain('10 bytes, 5 to 14 of the body')
    expect(describeTransfer.detail({ ...item, size: 110 })).toContain('… 100 bytes more')
  })

  test.each([
    ['broke', 'bad'],
    ['closed', 'end'],
  ])('the end: %s', (how, tone) => {
    expect(describeTransfer.row({ kind: 'end', how })).toEqual({ tag: 'end', text: how, tone })
    expect(describeTransfer.detail({ kind: 'end', how })).toContain(how)
  })
})

describe('a frame', () => {
  test('has its name, and what differs from the one before', () => {
    const before = { data: '{"id":"chatcmpl-123","created":1700000000,"delta":"a"}' }
    const item = { data: '{"id":"chatcmpl-123","created":1700000000,"delta":"b"}' }
    expect(describeFrame.row(item)).toEqual({ tag: 'message', text: item.data })
    expect(describeFrame.row(item, before)).toEqual({ tag: 'message', text: '…"delta":"b"}' })
    expect(describeFrame.row({ ...item, event: 'ping' }).tag).toBe('ping')
    expect(describeFrame.row({ data: 'x'.repeat(1000) }).text).toHaveLength(160)
  })

  test.each([
    ['unfinished', { unfinished: true }, 'before the blank line'],
    ['stray', { stray: true }, 'outside of any field'],
  ])('that is %s stands out', (tag, more, words) => {
    expect(describeFrame.row({ data: 'x', ...more })).toMatchObject({ tag, tone: 'bad' })
    expect(describeFrame.detail({ data: 'x', ...more })).toContain(words)
  })

  test('is laid out as it came', () => {
    expect(describeFrame.detail({ event: 'ping', data: 'a\nb' })).toBe(
      'event: ping\ndata: a\ndata: b',
    )
  })
})

describe('a value', () => {
  test.each([
    [{ type: 'ping' }, 'ping'],
    [{ object: 'chat.completion.chunk' }, 'chunk'],
    [{}, 'object'],
    [7, 'number'],
    [null, 'object'],
    [[1], 'object'],
    ['[DONE]', 'text'],
  ])('%j is tagged %s', (value, tag) => {
    expect(describeValue.row(value).tag).toBe(tag)
  })

  test('shows what is new in it', () => {
    const before = { id: 1, choices: [{ delta: 'a' }] }
    const value = { id: 1, choices: [{ delta: 'b' }], usage: null }
    expect(describeValue.row(value, before).text).toBe('{"choices":[{"delta":"b"}],"usage":null}')
    expect(JSON.parse(describeValue.detail(value))).toEqual(value)
    expect(describeValue.detail('[DONE]')).toBe('[DONE]')
  })
})

test.each<[ChatEvent, string]>([
  [{ type: 'content', text: 'Hi\n' }, '"Hi\\n"'],
  [{ type: 'reasoning', text: 'Hm' }, '"Hm"'],
  [{ type: 'refusal', text: 'No' }, '"No"'],
  [{ type: 'tool_call_start', index: 1, id: 'call_1', name: 'get_time' }, '1 get_time call_1'],
  [{ type: 'tool_call_delta', index: 1, arguments: '{"a' }, '1 "{\\"a"'],
  [{ type: 'tool_call_end', index: 1 }, '1'],
  [{ type: 'citation', citation: { url: 'https://example.com' } }, '"https://example.com"'],
  [{ type: 'image', image: { mediaType: 'image/png', data: 'AAAA' } }, 'image/png'],
  [{ type: 'provider', dialect: 'anthropic', data: { ping: 1 } }, '{"ping":1}'],
  [{ type: 'usage', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } }, '1'],
  [{ type: 'done', finishReason: 'stop' }, 'stop'],
])('the event $type is described', (event, words) => {
  const row = describeEvent.row(event)
  expect(row.tag).toBe(event.type)
  expect(row.text).toContain(words)
  expect(JSON.parse(describeEvent.detail(event))).toEqual(event)
})

test.each([
  [12.4, '12 ms'],
  [9999, '9999 ms'],
  [9999.6, '10.0 s'],
  [61_250, '61.3 s'],
])('%d is the time %s', (at, shown) => {
  expect(timeOf({ at, item: undefined })).toBe(shown)
})
