// What a cell says: a few words, which the report defines.

import { brokenCalls, hasOwnIds } from './rules.mjs'
import { offered } from './server.mjs'

const MB = 2 ** 20

/**
 * @param {import('./types.ts').Case} fault
 * @param {import('./types.ts').Observation} seen
 * @param {import('./types.ts').Expected} expected
 * @param {import('./contestants.mjs').Entry} entry
 */
export function wordsFor({ rule }, seen, expected, { giveNoCalls, timer }) {
  /** @type {string[]} */
  const parts = []
  if (seen.crash === undefined || seen.end === 'error') parts.push(outcome(rule, seen))
  // Mostly of what the reader was told as well.
  const crash = seen.crash?.replace(`: ${seen.error}`, '')
  if (crash !== undefined) parts.push(`crashes the process (${crash})`)
  if (rule === 'timer' && seen.hangs && timer === undefined) parts.push('has no timer')
  const broken = brokenCalls(seen, expected)
  for (const { ran, arguments: given } of broken) parts.push(`${verb(ran)} \`${given}\``)
  const whole = seen.calls.filter((call) => !broken.includes(call))
  const [first] = whole
  if (first) {
    const count = whole.length === 1 ? 'the call' : `${whole.length} calls`
    parts.push(`${verb(first.ran)} ${count}${hasOwnIds(seen) ? '' : ' without ids'}`)
  } else if (expected.calls && broken.length === 0 && !giveNoCalls && seen.end === 'success') {
    parts.push('no call')
  }
  return parts.join('; ')
}

const verb = (/** @type {boolean} */ ran) => (ran ? 'ran' : 'gave')

/** @param {string} rule @param {import('./types.ts').Observation} seen */
function outcome(rule, seen) {
  const { end, server } = seen
  if (seen.hangs) return 'hangs'
  if (rule === 'paused' && end !== 'error') {
    if (server.closed) return `closed after ${(server.written / MB).toFixed(0)} MiB`
    if (server.written >= offered) return `all ${offered / MB} MiB`
    return `${(server.written / MB).toFixed(0)} MiB${server.growing ? ' and growing' : ''}`
  }
  if (rule === 'closed' && end !== 'error') {
    if (server.requests === 0) return 'never asked'
    return server.closed ? 'closed' : 'stays open'
  }
  if (end === 'error') return `error: ${seen.error}`
  if (end !== 'success') return 'the process ends'
  if (seen.frames.length > 0) return `success, ${seen.frames.length} events`
  return seen.finish ? `success, \`${seen.finish}\`` : 'success, no reason'
}
