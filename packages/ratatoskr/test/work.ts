import { vi } from 'vitest'

/** What a run took, in units that do not depend on the machine. */
export interface Work<Value> {
  result: Value
  /** Bytes that were made text. */
  decoded: number
  /** Characters that were parsed as JSON. */
  parsed: number
}

/** Counts the work of a synchronous run: no clock tells whether it is linear. */
export function countWork<Value>(run: () => Value): Work<Value> {
  const decode = vi.spyOn(TextDecoder.prototype, 'decode')
  const parse = vi.spyOn(JSON, 'parse')
  try {
    const result = run()
    return {
      result,
      decoded: decode.mock.calls.reduce((sum, [bytes]) => sum + (bytes?.byteLength ?? 0), 0),
      parsed: parse.mock.calls.reduce((sum, [text]) => sum + text.length, 0),
    }
  } finally {
    decode.mockRestore()
    parse.mockRestore()
  }
}
