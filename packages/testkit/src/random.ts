/** Numbers from 0 to below a limit, the same for each seed: a failure can be repeated. */
export function seededNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    // A linear congruential generator is random enough to choose places (Numerical Recipes). Its
    // lower bits are not.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}
