import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assistant, toolResult, user, type Message } from '../message.ts'
import { renameCallIds } from './call-ids.ts'

const pattern = /^[\w-]+$/
const call = (id: string): { id: string; name: string; arguments: string } => ({
  id,
  name: 'f',
  arguments: '{}',
})

describe('ids of calls', () => {
  test('stay as they are where the provider takes them', () => {
    const rename = renameCallIds([assistant('', [call('toolu_1-a')])], pattern)
    expect(rename('toolu_1-a')).toBe('toolu_1-a')
    expect(rename('never seen')).toBe('never seen')
  })

  test('become others, the same for a call and its result', () => {
    const messages = [
      user('a'),
      assistant('', [call('functions.f:0'), call('functions.f:1')]),
      toolResult('functions.f:0', ''),
      toolResult('a result:alone', ''),
    ]
    const rename = renameCallIds(messages, pattern)
    const ids = ['functions.f:0', 'functions.f:1', 'a result:alone'].map(rename)
    for (const id of ids) expect(id).toMatch(pattern)
    expect(new Set(ids).size).toBe(3)
    expect(['functions.f:0', 'functions.f:1', 'a result:alone'].map(rename)).toEqual(ids)
  })

  test('never take the place of one that is there', () => {
    const first = renameCallIds([assistant('', [call('x:1')])], pattern)('x:1')
    const rename = renameCallIds(
      [assistant('', [call('x:1')]), toolResult(first, ''), toolResult('x:1', '')],
      pattern,
    )
    expect(rename(first)).toBe(first)
    expect(rename('x:1')).not.toBe(first)
  })

  test('are different whenever they were, and the same each time', () => {
    const ids = fc.array(
      fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('c00000000', 'c00000001', 'a:b', 'a')),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(ids, (given) => {
        const messages: Message[] = given.map((id, n) =>
          n % 2 ? toolResult(id, '') : assistant('', [call(id)]),
        )
        const renamed = given.map(renameCallIds(messages, pattern))
        expect(given.map(renameCallIds(messages, pattern))).toEqual(renamed)
        for (const [at, id] of renamed.entries()) {
          expect(id).toMatch(pattern)
          for (const [other, otherId] of renamed.entries()) {
            expect(id === otherId).toBe(given[at] === given[other])
          }
        }
      }),
    )
  })
})
