// How long a whole reply takes, beside the floor: in Node, Chromium or workerd.

import { contestants, floor } from '../contestants/index.mjs'
import { summary } from '../lib/statistics.mjs'

/**
 * One contestant in a process, page or isolate of its own.
 * @typedef {object} Lane
 * @property {() => Promise<number>} verify reads one reply, and rejects where it is not whole; milliseconds
 * @property {() => Promise<number>} warm how many replies make a round
 * @property {(count: number) => Promise<number>} round milliseconds for one reply
 * @property {() => Promise<unknown>} stop
 */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} [failure] why it was not measured
 * @property {import('../lib/statistics.mjs').Summary} [ratio] to the floor of the same round
 * @property {import('../lib/statistics.mjs').Summary} [toOurs] the time of ratatoskr's gateway in the same round is 1
 * @property {number} [time] milliseconds for one reply
 * @property {number} [rounds]
 */

/**
 * @typedef {object} Measured
 * @property {Row[]} rows the floor first
 * @property {import('../lib/statistics.mjs').Summary} noise of a second floor beside the first
 */

/** Beyond this spread of the second floor the machine was noisy. */
export const noisyFrom = 0.15

/** @param {{ noise: import('../lib/statistics.mjs').Summary }} measured */
export const isNoisy = ({ noise }) => noise.high - noise.low > noisyFrom

/** Who has taken this long for one workload takes part in no more rounds. Milliseconds. */
const patience = 20_000
/** But in these. */
const leastRounds = 3

const control = 'floor, again'

/**
 * @param {object} options
 * @param {readonly string[]} options.names of contestants, without the floor
 * @param {number} options.rounds
 * @param {(name: string) => Promise<Lane>} options.open
 * @param {(text: string) => void} options.progress
 * @returns {Promise<Measured>}
 */
export async function throughput({ names, rounds, open, progress }) {
  /** @type {{ name: string, lane: Lane, count: number, times: Map<number, number>, spent: number }[]} */
  const runners = []
  /** @type {Map<string, string>} */
  const failures = new Map()
  try {
    for (const name of [floor, control, ...names]) {
      progress(`${name}: checking and warming`)
      const lane = await open(name === control ? floor : name)
      try {
        await lane.verify()
        const count = await lane.warm()
        runners.push({ name, lane, count, times: new Map(), spent: 0 })
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error))
        await lane.stop()
        if (name === floor) throw error
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      progress(`round ${round + 1} of ${rounds}`)
      // Each round begins with another contestant, so that none always comes after the same.
      const turn = round % runners.length
      for (const runner of [...runners.slice(turn), ...runners.slice(0, turn)]) {
        if (runner.spent > patience && round >= leastRounds) continue
        const start = performance.now()
        try {
          runner.times.set(round, await runner.lane.round(runner.count))
        } catch (error) {
          failures.set(runner.name, error instanceof Error ? error.message : String(error))
          runner.spent = Infinity
        }
        runner.spent += performance.now() - start
      }
    }
  } finally {
    await Promise.all(runners.map(({ lane }) => lane.stop()))
  }

  const timesOf = (/** @type {string} */ name) =>
    runners.find((runner) => runner.name === name)?.times ?? new Map()
  const floorTimes = timesOf(floor)
  const ourTimes = timesOf('ratatoskr')
  const rows = [floor, ...names].map((name) => {
    const failure = failures.get(name)
    if (failure !== undefined) return { name, failure }
    const times = timesOf(name)
    return {
      name,
      ratio: summary(ratios(times, floorTimes)),
      ...(ourTimes.size === 0 ? {} : { toOurs: summary(ratios(times, ourTimes)) }),
      time: summary([...times.values()]).median,
      rounds: times.size,
    }
  })
  return { rows, noise: summary(ratios(timesOf(control), floorTimes)) }
}

/**
 * Round by round, so that a slow moment of the machine is in both.
 * @param {Map<number, number>} times
 * @param {Map<number, number>} others
 */
function ratios(times, others) {
  return [...times].flatMap(([round, time]) => {
    const other = others.get(round)
    return other === undefined ? [] : [time / other]
  })
}

/**
 * Those who read this wire.
 * @param {import('../lib/types.ts').Wire} wire
 * @param {(name: string) => boolean} isWanted
 */
export const namesFor = (wire, isWanted) =>
  contestants
    .filter(({ name, wires }) => name !== floor && wires.includes(wire) && isWanted(name))
    .map(({ name }) => name)
