import { expect, test } from 'vitest'
import { cases } from './cases.mjs'
import { ruleOf } from './rules.mjs'
import { offered } from './server.mjs'
import type { Call, Expected, Mark, Observation } from './types.ts'
import { wordsFor } from './words.mjs'

const sent: Expected = {
  text: 'Hello.',
  calls: [{ name: 'write_file', arguments: { path: 'a' } }],
}
const textOnly: Expected = { text: 'Hello.' }
const server = { requests: 1, closed: false, written: 0, growing: false }
const success: Observation = {
  text: 'Hello.',
  frames: [],
  calls: [],
  finish: 'stop',
  end: 'success',
  hangs: false,
  server,
}
const failed: Observation = { ...success, finish: undefined, end: 'error', error: 'TypeError' }
const hanging: Observation = { ...success, finish: undefined, end: undefined, hangs: true }
const whole: Call = { id: 'a', name: 'write_file', arguments: '{ "path": "a" }', ran: false }
const half: Call = { ...whole, arguments: '{"path":' }
const left: Observation = { ...success, end: 'left' }

const judged: [string, string, Observation, Expected, Mark][] = [
  ['whole', 'the whole reply', { ...success, calls: [whole] }, sent, 'right'],
  ['whole', 'without its call', success, sent, 'wrong'],
  ['whole', 'a call too many', { ...success, calls: [whole, whole] }, sent, 'wrong'],
  ['whole', 'half a text', { ...success, text: 'Hel' }, textOnly, 'wrong'],
  ['whole', 'an error', failed, textOnly, 'wrong'],
  ['whole', 'a crash behind it', { ...success, crash: 'unhandled rejection' }, textOnly, 'wrong'],
  ['calls', 'a call without its id', { ...success, calls: [{ ...whole, id: '' }] }, sent, 'wrong'],
  [
    'calls',
    'where no ids are told',
    { ...success, calls: [{ ...whole, id: undefined }] },
    sent,
    'right',
  ],
  ['failed', 'an error', failed, textOnly, 'right'],
  ['failed', 'an invented reason', success, textOnly, 'wrong'],
  ['failed', 'no reason', { ...success, finish: undefined }, textOnly, 'half'],
  ['failed', 'a reason that tells', { ...success, finish: 'interrupted' }, textOnly, 'half'],
  ['failed', 'half a call', { ...success, finish: undefined, calls: [half] }, sent, 'wrong'],
  ['failed', 'half a call was run', { ...failed, calls: [{ ...half, ran: true }] }, sent, 'wrong'],
  ['failed', 'a hang', hanging, textOnly, 'wrong'],
  ['told', 'with the words', { ...failed, hasWords: true }, textOnly, 'right'],
  ['told', 'without them', { ...failed, hasWords: false }, textOnly, 'half'],
  ['no-half-call', 'no call', { ...success, finish: 'length' }, sent, 'right'],
  [
    'no-half-call',
    'half a call, and why',
    { ...success, finish: 'length', calls: [half] },
    sent,
    'half',
  ],
  ['no-half-call', 'half a call as usual', { ...success, calls: [half] }, sent, 'wrong'],
  ['only-done', 'no reason', { ...success, finish: 'other' }, textOnly, 'right'],
  ['only-done', 'an invented reason', success, textOnly, 'wrong'],
  ['only-done', 'an error', failed, textOnly, 'half'],
  ['timer', 'an error', failed, textOnly, 'right'],
  ['timer', 'a normal end', success, textOnly, 'wrong'],
  ['timer', 'a hang', hanging, textOnly, 'wrong'],
  ['apart', 'a normal end', success, textOnly, 'wrong'],
  ['closed', 'closed', { ...left, server: { ...server, closed: true } }, textOnly, 'right'],
  ['closed', 'open', left, textOnly, 'wrong'],
  ['closed', 'never asked', { ...left, server: { ...server, requests: 0 } }, textOnly, 'right'],
  ['paused', 'paused', { ...left, server: { ...server, written: 2 ** 22 } }, textOnly, 'right'],
  ['paused', 'all', { ...left, server: { ...server, written: offered } }, textOnly, 'wrong'],
  ['paused', 'given up', { ...left, server: { ...server, closed: true } }, textOnly, 'wrong'],
]

test.each(judged)('%s: %s', (rule, _what, seen, expected, mark) => {
  expect(ruleOf(rule).judge(seen, expected, false)).toBe(mark)
})

test('who passes pieces of calls on is not asked for calls', () => {
  expect(ruleOf('calls').judge(success, sent, true)).toBe('none')
  expect(ruleOf('whole').judge(success, sent, true)).toBe('right')
})

test('frames are compared, where there are any', () => {
  const { judge } = ruleOf('whole')
  const frames = { ...success, text: '', frames: ['{}', '[DONE]'] }
  expect(judge(frames, { ...textOnly, frames: ['{}', '[DONE]'] }, false)).toBe('right')
  expect(judge(frames, { ...textOnly, frames: ['{}'] }, false)).toBe('wrong')
})

test('each fault has its rule, and a name of its own', () => {
  expect(() => cases.map(({ rule }) => ruleOf(rule))).not.toThrow()
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

test.each([
  ['whole', success, 'success, `stop`; no call'],
  ['whole', { ...success, calls: [whole] }, 'success, `stop`; gave the call'],
  [
    'failed',
    { ...success, finish: undefined, calls: [half] },
    'success, no reason; gave `{"path":`',
  ],
  ['failed', failed, 'error: TypeError'],
  [
    'failed',
    { ...failed, crash: 'unhandled rejection: X' },
    'error: TypeError; crashes the process (unhandled rejection: X)',
  ],
  [
    'failed',
    { ...failed, crash: 'unhandled rejection: TypeError' },
    'error: TypeError; crashes the process (unhandled rejection)',
  ],
  ['timer', hanging, 'hangs; has no timer'],
  ['closed', left, 'stays open'],
  ['paused', { ...left, server: { ...server, written: offered } }, 'all 32 MiB'],
])('words: %s %#', (rule, seen, words) => {
  const fault = cases.find((each) => each.rule === rule)
  const entry = { name: '', how: '', file: '', wires: [] }
  expect(fault && wordsFor(fault, seen, sent, entry)).toBe(words)
})
