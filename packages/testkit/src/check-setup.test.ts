import { createGateway, user } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { describe, expect, test } from 'vitest'
import { valueOf } from './from-schema.ts'
import { replay } from './replay.ts'
import { simulator, simulatorFetch } from './simulator.ts'
import { tapeFromBytes } from './tape.ts'

/** What a test in plain JavaScript may give. */
const loose = (setup: unknown): (() => unknown) => {
  const make: (setup: never) => unknown = simulator
  return () => make(setup as never)
}

describe('a slip in the set-up is told when the simulator is made', () => {
  test.each([
    [{ script: [{ wat: 1 }] }, 'script.0 must have one of text'],
    [{ script: [{ text: 'a', reasoning: 'b' }] }, 'script.0 must have one of text'],
    [
      { script: [{ text: 'a' }, { fault: { kind: 'nope' } }] },
      'script.1.fault.kind must be one of',
    ],
    [{ script: 'nope' }, 'script must be one of auto, echo'],
    [{ script: null }, 'script must be a list'],
    [{ faults: [{ kind: 'nope' }] }, 'faults.0.kind must be one of'],
    [{ faults: [{ kind: 'duplicate', event: 0 }] }, 'faults.0.event must be counted from 1'],
    [{ faults: [{ kind: 'cut', times: 0 }] }, 'faults.0.times must be at least 1'],
    [{ faults: [{ kind: 'status', status: 204 }] }, 'faults.0.status'],
    [{ faults: 'cut' }, 'faults must be a list'],
    [{ pace: { perDelta: NaN } }, 'pace.perDelta must be word'],
    [{ pace: { delay: -1 } }, 'pace must have delays'],
    [{ split: 'random' }, 'split must be event'],
    [{ split: 0 }, 'split must be event'],
    [{ keys: 'good' }, 'keys must be a list'],
    [{ models: [1] }, 'models must be a list'],
  ])('%j', (setup, message) => {
    expect(loose(setup)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(message) as unknown,
      }),
    )
  })

  test('and of a tape, when it is replayed', () => {
    const tape = tapeFromBytes(new TextEncoder().encode('data: [DONE]\n\n'))
    for (const speed of [0, -1, NaN]) {
      expect(() => replay(tape, { speed })).toThrow(/speed must be a number above 0/)
    }
  })
})

test('what fails in a script is told as it is, and not tried again', async () => {
  let turns = 0
  const fetch = simulatorFetch({
    script: () => {
      turns += 1
      throw new Error('expected 3 to be 4')
    },
  })
  const gateway = createGateway({ providers: [openrouter({ apiKey: 'any', fetch })] })
  await expect(gateway.chat([user('Hi')], { model: 'vendor/model' })).rejects.toMatchObject({
    code: 'configuration',
    message: 'The script failed: expected 3 to be 4',
    cause: expect.any(Error) as unknown,
  })
  expect(turns).toBe(1)
})

test('no schema makes more than its share', () => {
  const branch = {
    type: 'object',
    required: ['l', 'r'],
    properties: { l: { $ref: '#' }, r: { $ref: '#' } },
  }
  expect(JSON.stringify(valueOf(branch)).length).toBeLessThan(1_000_000)
  const list = { type: 'array', minItems: 1e8, items: { type: 'string' } }
  expect(valueOf(list)).toHaveLength(10_000)
  expect(valueOf({ type: 'string', minLength: 1e9 })).toHaveLength(100_000)
})
