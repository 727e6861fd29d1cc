import { toolResult, type AssistantMessage } from 'ratatoskr'
import { tapeFromBytes } from '@ratatoskr/testkit'
import { expect, test } from 'vitest'
import { Reply } from './reply.ts'
import { messagesOf, type Turn } from './turn.ts'

const call = { id: 'a', name: 'get_time', arguments: '{}' }
const whole = {
  role: 'assistant' as const,
  content: 'One moment.',
  toolCalls: [call],
  continuation: { dialect: 'anthropic', data: { signature: 'xyz' } },
} satisfies AssistantMessage

function replied(end: 'complete' | 'stop' | 'fail', message: AssistantMessage | undefined): Turn {
  const reply = new Reply('Simulated')
  if (end === 'complete' && message) reply.complete(message, undefined)
  else if (end === 'stop') reply.stop(message)
  else reply.fail(new Error('cut'), message)
  return { kind: 'reply', reply, isTape: false }
}
const asked: Turn = { kind: 'user', text: 'What time is it?' }

test('what is whole goes back whole, with the results of its calls', () => {
  const result = toolResult('a', 'noon')
  const turns: Turn[] = [
    asked,
    replied('complete', whole),
    { kind: 'results', results: [{ name: 'get_time', message: result }] },
  ]
  expect(messagesOf(turns, ' Be brief. ')).toEqual([
    { role: 'system', content: ' Be brief. ' },
    { role: 'user', content: 'What time is it?' },
    whole,
    result,
  ])
})

test.each(['stop', 'fail'] as const)('of what ended by %s only the text goes back', (end) => {
  expect(messagesOf([asked, replied(end, whole)], '  ')).toEqual([
    { role: 'user', content: 'What time is it?' },
    { role: 'assistant', content: 'One moment.' },
  ])
  expect(messagesOf([asked, replied(end, undefined)], '')).toHaveLength(1)
})

test('a tape and its reply are no part of the conversation', () => {
  const tape = tapeFromBytes(new Uint8Array())
  const reply = new Reply('Tape')
  reply.complete(whole, undefined)
  const turns: Turn[] = [
    { kind: 'tape', title: 'Mine', tape },
    { kind: 'reply', reply, isTape: true },
    asked,
  ]
  expect(messagesOf(turns, '')).toEqual([{ role: 'user', content: 'What time is it?' }])
})
