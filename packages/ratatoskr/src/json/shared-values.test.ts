import { describe, expect, test, vi } from 'vitest'
import { dialects, fixtureBytes } from '../../test/dialects.ts'
import { hasRecordings, loadRecordings } from '../../test/recordings.ts'
import { runDecoder } from '../../test/run-decoder.ts'

// What a template fills in shares parts with other values: whoever writes to one changes them all.
let filled = 0
vi.mock(import('./template.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    fill(template, text) {
      const value = real.fill(template, text)
      if (value !== undefined) filled += 1
      return deepFreeze(value)
    },
  }
})

describe.each(dialects)('the decoders of $name write to no value of the provider’s', (dialect) => {
  test('in the fixture', () => {
    expect(runDecoder(dialect.decoder(), [fixtureBytes(dialect)]).error).toBeUndefined()
  })

  test.runIf(hasRecordings)('in the recordings', () => {
    for (const { name, bytes } of loadRecordings(dialect.wire, dialect.files)) {
      const { error } = runDecoder(dialect.decoder(), [bytes])
      expect([name, error?.code]).toEqual([name, dialect.failures[name]])
    }
    expect(filled).toBeGreaterThan(0)
  })
})

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
