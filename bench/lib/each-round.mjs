/**
 * Measures everybody once in each round. Who has failed takes part in no more of them.
 * @template Result
 * @param {object} options
 * @param {readonly string[]} options.names
 * @param {number} options.rounds
 * @param {(name: string) => Promise<Result>} options.measure
 * @param {(text: string) => void} options.progress
 * @returns {Promise<{ results: Map<string, Result[]>, failures: Map<string, string> }>} by name; why somebody has failed
 */
export async function eachRound({ names, rounds, measure, progress }) {
  /** @type {Map<string, Result[]>} */
  const results = new Map(names.map((name) => [name, []]))
  /** @type {Map<string, string>} */
  const failures = new Map()
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      if (failures.has(name)) continue
      progress(`round ${round + 1} of ${rounds}: ${name}`)
      try {
        results.get(name)?.push(await measure(name))
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error))
      }
    }
  }
  return { results, failures }
}
