import * as fc from 'fast-check'

/** A number of the environment's, for those who look for longer. */
function setting(name: string, otherwise: number): number {
  const value = process.env[name]
  if (value === undefined || value === '') return otherwise
  const number = Number(value)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new Error(`${name} must be a whole number above 0, and is ${value}`)
}

/** The same everywhere, so that a gate that fails blames the change at hand; who looks for more gives another. */
const seed = setting('RATATOSKR_FUZZ_SEED', 1)
const times = setting('RATATOSKR_FUZZ', process.env['CI'] ? 5 : 1)

/** What a property is checked with: so many runs, multiplied by `RATATOSKR_FUZZ`. */
export function fuzzed(runs: number): { seed: number; numRuns: number } {
  return { seed, numRuns: runs * times }
}

/** How long a test may take then, in milliseconds. */
export const fuzzTimeout: number = 120_000 * Math.max(1, times)

console.log(`fuzzing with RATATOSKR_FUZZ_SEED=${seed} RATATOSKR_FUZZ=${times}`)

/** Cuts into bytes, small pieces, or not at all. */
export const anyPieceSize: fc.Arbitrary<number> = fc.constantFrom(1, 2, 7, 64, 1400, 2 ** 30)
