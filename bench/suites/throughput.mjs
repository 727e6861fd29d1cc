// How long a whole reply takes, beside the floor: in Node, Chromium or workerd.

import { contestants, control, floor } from '../contestants/index.mjs'
import { median, summary } from '../lib/statistics.mjs'

/**
 * What one reply took.
 * @typedef {object} Taken
 * @property {number} time milliseconds
 * @property {number} [cpu] milliseconds of all threads, where the engine tells: other processes count less in it
 */

/**
 * One contestant in a process, page or isolate of its own.
 * @typedef {object} Lane
 * @property {() => Promise<number>} verify reads one reply, and rejects where it is not whole; milliseconds
 * @property {() => Promise<number>} warm how many replies make a round
 * @property {(count: number) => Promise<Taken>} round reads so many replies
 * @property {() => Promise<unknown>} stop
 */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} [failure] why it was not measured
 * @property {import('../lib/statistics.mjs').Summary} [ratio] to the floor of the same round
 * @property {import('../lib/statistics.mjs').Summary} [toOurs] the time of ratatoskr's gateway in the same round is 1
 * @property {import('../lib/statistics.mjs').Summary} [cpu] the same as `ratio`, of the processors' time
 * @property {number} [time] milliseconds for one reply
 * @property {number} [rounds]
 */

/**
 * @typedef {object} Measured
 * @property {Row[]} rows the floor first
 * @property {import('../lib/statistics.mjs').Summary} noise of a second floor beside the first
 */

/** Two floors that differ by more than this share tell of a noisy machine. */
export const noisyFrom = 0.1

/** @param {{ noise: import('../lib/statistics.mjs').Summary }} measured */
export const isNoisy = ({ noise: { low, high } }) => Math.max(1 - low, high - 1) > noisyFrom

/** Who has taken this long for one workload takes part in no more rounds. Milliseconds. */
const patience = 20_000
/** But in these. */
const leastRounds = 3

/**
 * @param {object} options
 * @param {readonly string[]} options.names of contestants, without the floor
 * @param {number} options.rounds
 * @param {(name: string) => Promise<Lane>} options.open
 * @param {(text: string) => void} options.progress
 * @returns {Promise<Measured>}
 */
export async function throughput({ names, rounds, open, progress }) {
  /** @type {{ name: string, lane: Lane, count: number, taken: Map<number, Taken>, spent: number }[]} */
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
        runners.push({ name, lane, count, taken: new Map(), spent: 0 })
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
          runner.taken.set(round, await runner.lane.round(runner.count))
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

  /** @param {string} name @returns {Map<number, Taken>} */
  const takenBy = (name) => runners.find((runner) => runner.name === name)?.taken ?? new Map()
  const floorTaken = takenBy(floor)
  const oursTaken = takenBy('ratatoskr')
  const rows = [floor, ...names].map((name) => {
    const failure = failures.get(name)
    if (failure !== undefined) return { name, failure }
    const taken = takenBy(name)
    return {
      name,
      ratio: summary(ratios(taken, floorTaken, timeOf)),
      cpu: summary(ratios(taken, floorTaken, cpuOf)),
      toOurs: summary(ratios(taken, oursTaken, timeOf)),
      time: median([...taken.values()].map(timeOf)),
      rounds: taken.size,
    }
  })
  return { rows, noise: summary(ratios(takenBy(control), floorTaken, timeOf)) }
}

/** @param {Taken} taken */
const timeOf = ({ time }) => time
/** @param {Taken} taken */
const cpuOf = ({ cpu = NaN }) => cpu

/**
 * Round by round, so that a slow moment of the machine is in both.
 * @param {Map<number, Taken>} taken
 * @param {Map<number, Taken>} others
 * @param {(taken: Taken) => number} value
 */
const ratios = (taken, others, value) =>
  [...taken].flatMap(([round, one]) => {
    const other = others.get(round)
    return other === undefined ? [] : [value(one) / value(other)]
  })

/**
 * Those who read this wire.
 * @param {import('../lib/types.ts').Wire} wire
 * @param {(name: string) => boolean} isWanted
 */
export const namesFor = (wire, isWanted) =>
  contestants
    .filter(({ name, wires }) => name !== floor && wires.includes(wire) && isWanted(name))
    .map(({ name }) => name)
