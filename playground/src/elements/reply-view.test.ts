import { RatatoskrError, type ChatEvent } from 'ratatoskr'
import { beforeAll, describe, expect, test } from 'vitest'
import { find, mount, prepare, settled, text } from '../../test/mount.ts'
import { Reply } from '../state/reply.ts'
import { ReplyView } from './reply-view.ts'

beforeAll(prepare)

async function show(events: readonly ChatEvent[], end?: (reply: Reply) => void): Promise<Reply> {
  const reply = new Reply('Simulated · squirrel-1', 'simulated')
  const view = new ReplyView()
  view.reply = reply
  await mount(view)
  for (const event of events) reply.add(event)
  end?.(reply)
  await settled()
  return reply
}

const message = { role: 'assistant' as const, content: '' }
const state = (): string | undefined => find('article').dataset['state']

test('it waits, streams, and is complete', async () => {
  const reply = await show([])
  expect([state(), find('article').ariaBusy ?? find('article').getAttribute('aria-busy')]).toEqual([
    'waiting',
    'true',
  ])
  expect(text('.waiting')).toBe('Waiting…')
  reply.add({ type: 'content', text: 'Hello **squi' })
  await settled()
  expect(state()).toBe('streaming')
  const first = find('.markdown').firstElementChild
  reply.add({ type: 'content', text: 'rrel**' })
  reply.complete(message, 'r-1')
  await settled()
  expect(state()).toBe('complete')
  expect(text('.markdown strong')).toBe('squirrel')
  expect(find('.markdown').firstElementChild).toBe(first)
})

test('reasoning is folded above the text', async () => {
  await show([{ type: 'reasoning', text: 'First I think.' }])
  const details = find('details')
  expect(details.hasAttribute('open')).toBe(false)
  expect(text('summary')).toBe('Thinking…')
  expect(text('.reasoning-text')).toBe('First I think.')
  await show([
    { type: 'reasoning', text: 'First I think.' },
    { type: 'content', text: 'Then I speak.' },
  ])
  expect(text('summary')).toMatch(/^Reasoning, \d/)
  expect(find('details').compareDocumentPosition(find('.markdown'))).toBe(
    Node.DOCUMENT_POSITION_FOLLOWING,
  )
})

test('tool calls form argument by argument', async () => {
  const reply = await show([
    { type: 'tool_call_start', index: 0, id: 'a', name: 'get_weather' },
    { type: 'tool_call_start', index: 1, id: 'b', name: 'get_time' },
    { type: 'tool_call_delta', index: 1, arguments: '{"zone"' },
    { type: 'tool_call_delta', index: 0, arguments: '{"place":"Oslo"}' },
    { type: 'tool_call_end', index: 0 },
  ])
  const calls = (): string[] =>
    [...document.querySelectorAll('.call')].map((call) => text('.call-head', call))
  expect(calls()).toEqual(['get_weather complete', 'get_time forming…'])
  expect([...document.querySelectorAll('.arguments')].map((one) => one.textContent)).toEqual([
    '{"place":"Oslo"}',
    '{"zone"',
  ])
  reply.fail(new RatatoskrError('truncated', 'Cut.'), undefined)
  await settled()
  expect(calls()).toEqual(['get_weather complete', 'get_time cut off, not to be run'])
})

test('sources, figures and cost', async () => {
  await show(
    [
      { type: 'content', text: 'As is known.' },
      {
        type: 'citation',
        citation: { url: 'https://example.com/a', title: 'A', text: 'so it is' },
      },
      { type: 'citation', citation: { url: 'javascript:alert(1)', title: 'B' } },
      {
        type: 'usage',
        usage: { promptTokens: 7, completionTokens: 5, totalTokens: 12, cost: 0.00123 },
      },
      { type: 'done', finishReason: 'stop' },
    ],
    (reply) => reply.complete(message, undefined),
  )
  const links = [...document.querySelectorAll('.citations a')]
  expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://example.com/a'])
  expect(text('.citations')).toMatch(/A so it is.* B/)
  const facts = text('.facts')
  expect(facts).toContain('Tokens 7 + 5')
  expect(facts).toContain('Cost $0.0012')
  expect(facts).toContain('End stop')
  expect(facts).toContain('Events 5')
})

describe('an image', () => {
  test.each([
    ['of its own bytes is shown', { mediaType: 'image/png', data: 'iVBORw0KGgo=' }, 'img'],
    ['by address is a link', { mediaType: 'image/png', url: 'https://example.com/a.png' }, 'a'],
    [
      'of a kind that can hold scripts is not shown',
      { mediaType: 'image/svg+xml', data: 'PHN2Zz4=' },
      'p.note',
    ],
    [
      'at an address of another kind is not shown',
      { mediaType: 'image/png', url: 'javascript:1' },
      'p.note',
    ],
  ])('%s', async (_, image, selector) => {
    await show([{ type: 'image', image }])
    const shown = find('article').querySelectorAll('img, a, p.note')
    expect([...shown].map((one) => one.matches(selector))).toEqual([true])
  })
})

test('a refusal, and ends that are not plain', async () => {
  await show([{ type: 'refusal', text: 'I cannot.' }])
  expect(text('.refusal')).toBe('I cannot.')
  for (const [finishReason, said] of [
    ['length', /limit of tokens/],
    ['content_filter', /for its content/],
  ] as const) {
    await show([{ type: 'done', finishReason }], (reply) => reply.complete(message, undefined))
    expect(text('.note')).toMatch(said)
  }
  await show([{ type: 'content', text: 'So far' }], (reply) => reply.stop(message))
  expect(state()).toBe('stopped')
  expect(text('.note')).toBe('Stopped. What had come is kept.')
  expect(text('.markdown')).toBe('So far')
})

test('a failure says what happened, what the provider says, and what to do', async () => {
  await show([{ type: 'content', text: 'So far' }], (reply) =>
    reply.fail(
      new RatatoskrError('rate_limited', 'openai failed (rate_limited 429): wait.', {
        status: 429,
        retryAfter: 2000,
        providerMessage: 'Slow down.',
        requestId: 'req-7',
      }),
      message,
    ),
  )
  expect(text('.error h4')).toBe('Too many requests')
  expect(text('.error blockquote')).toBe('Slow down.')
  expect(text('.error')).toContain('asks to wait 2 s')
  expect(text('.error .small')).toBe('rate_limited · status 429 · request req-7')
  expect(text('.markdown')).toBe('So far')
})
