/**
 * @typedef {object} Options
 * @property {string[] | undefined} only names of workloads
 * @property {string[] | undefined} peers names of contestants; the floor always takes part
 * @property {number | undefined} rounds
 * @property {string | undefined} node the binary to run contestants with
 * @property {boolean} whole nothing is left out, so the results may be written
 */

/** @param {readonly string[]} args @returns {Options} */
export function parseOptions(args) {
  /** @type {Map<string, string>} */
  const given = new Map()
  const known = ['--only', '--peers', '--rounds', '--node']
  for (let at = 0; at < args.length; at += 2) {
    const [name = '', value] = args.slice(at, at + 2)
    if (!known.includes(name) || value === undefined) {
      throw new Error(
        `Cannot read ${[name, value].join(' ').trim()}. Options, each with a value: ${known.join(' ')}.`,
      )
    }
    given.set(name, value)
  }
  const rounds = given.get('--rounds')
  if (rounds !== undefined && !(Number.isInteger(Number(rounds)) && Number(rounds) > 0)) {
    throw new Error(`--rounds must be a whole number from 1; it was ${rounds}.`)
  }
  return {
    only: given.get('--only')?.split(','),
    peers: given.get('--peers')?.split(','),
    rounds: rounds === undefined ? undefined : Number(rounds),
    node: given.get('--node'),
    whole: !given.has('--only') && !given.has('--peers'),
  }
}
