// How each cell is judged, by what was observed alone.

import { isDeepStrictEqual } from 'node:util'
import { offered } from './server.mjs'

/**
 * @typedef {import('./types.ts').Observation} Observation
 * @typedef {import('./types.ts').Expected} Expected
 * @typedef {import('./types.ts').Mark} Mark
 * @typedef {{ text: string, judge: (seen: Observation, expected: Expected, giveNoCalls: boolean) => Mark }} Rule
 */

/** What the buffers of two sockets can hold is far less; what is read ahead without end is all. */
export const mostWritten = offered / 2

/** @type {{ [name: string]: Rule }} */
export const rules = {
  whole: {
    text: 'Right: a normal end, with the text and the calls as they were sent. Wrong: anything else. Of those that pass pieces of calls on, the calls are not asked.',
    judge: (seen, expected, giveNoCalls) =>
      isSuccess(seen) && isWhole(seen, expected, giveNoCalls) ? 'right' : 'wrong',
  },
  calls: {
    text: 'Right: a normal end, and both calls, each with its own arguments, and with an id of its own where ids are told. Wrong: anything else. Not asked of those that pass pieces of calls on.',
    judge(seen, expected, giveNoCalls) {
      if (giveNoCalls && isSuccess(seen)) return 'none'
      return isSuccess(seen) && isWhole(seen, expected, false) && hasOwnIds(seen)
        ? 'right'
        : 'wrong'
    },
  },
  failed: {
    text: 'Right: an error. Half: a normal end that only its finish reason tells from others, to those who ask for it: none, `other`, or one that says so, as `interrupted`. Wrong: a normal end with a reason of a whole reply, which nobody sent; a call that is not whole, unless the reason says `interrupted`; a call that is not whole and was run; a hang.',
    judge: failure,
  },
  told: {
    text: "Right: an error that holds the provider's words. Half: one without them, or a normal end as in 3. Wrong: any other end, a hang.",
    judge(seen, expected) {
      const mark = failure(seen, expected)
      return mark === 'right' && seen.end === 'error' && !seen.hasWords ? 'half' : mark
    },
  },
  'no-half-call': {
    text: 'The provider ended this reply properly, with its reason. Right: any end, but no call that is not whole. Half: such a call was given, and the reason `length` beside it. Wrong: such a call was run, or given without that reason; a hang.',
    judge(seen, expected) {
      if (!hasEnded(seen)) return 'wrong'
      const broken = brokenCalls(seen, expected)
      if (broken.length === 0) return 'right'
      return wasRun(broken) || !['length', 'max_tokens'].includes(seen.finish ?? '')
        ? 'wrong'
        : 'half'
    },
  },
  'only-done': {
    text: 'The provider ended this reply, and did not say why. Right: a normal end, with the whole text, and no reason that nobody sent (`other` and `unknown` are none). Half: an error, or `interrupted`. Wrong: an invented reason, lost text, a hang.',
    judge(seen, expected) {
      if (seen.text !== expected.text || !hasEnded(seen)) return 'wrong'
      if (seen.end === 'error' || seen.finish === 'interrupted') return 'half'
      return saysNoReason(seen) ? 'right' : 'wrong'
    },
  },
  timer: {
    text: 'Right: an error. Wrong: a normal end; a hang. Those without a timer for this hang by default, too.',
    judge: (seen) => (hasEnded(seen) && seen.end === 'error' ? 'right' : 'wrong'),
  },
  apart: {
    text: 'Right: an error, or an event that says so. Half: a normal end as in 3. Wrong: any other end, a hang.',
    judge: failure,
  },
  closed: {
    text: 'Right: the server saw the connection close within 2 s, or was never asked. Wrong: it stays open; a crash.',
    judge: (seen) =>
      hasEnded(seen) && (seen.server.closed || seen.server.requests === 0) ? 'right' : 'wrong',
  },
  paused: {
    text: `What the server could write of ${offered / 2 ** 20} MiB until nothing more was taken for 1.5 s. Right: less than half; it is in the buffers of the sockets. Wrong: more; or the connection was closed, and the reader loses the rest.`,
    judge: (seen) =>
      hasEnded(seen) && seen.server.written < mostWritten && !seen.server.closed
        ? 'right'
        : 'wrong',
  },
}

/** @param {string} name */
export function ruleOf(name) {
  const rule = rules[name]
  if (rule) return rule
  throw new Error(`No rule is named ${name}. There are ${Object.keys(rules).join(', ')}.`)
}

/** @param {Observation} seen @param {Expected} expected @returns {Mark} */
function failure(seen, expected) {
  const isInterrupted = seen.finish === 'interrupted'
  const broken = brokenCalls(seen, expected)
  if (!hasEnded(seen) || wasRun(broken) || (broken.length > 0 && !isInterrupted)) return 'wrong'
  if (seen.end === 'error' || seen.finish === 'error') return 'right'
  return saysNoReason(seen) || isInterrupted ? 'half' : 'wrong'
}

/** @param {Observation} seen */
const hasEnded = (seen) => !seen.hangs && seen.crash === undefined && seen.end !== undefined

/** @param {Observation} seen */
const isSuccess = (seen) => hasEnded(seen) && seen.end === 'success'

/** @param {Observation} seen */
const saysNoReason = ({ finish }) => !finish || finish === 'other' || finish === 'unknown'

/** Calls that were given, or run, with less than what the model wanted. @param {Observation} seen @param {Expected} expected */
export const brokenCalls = (seen, { calls = [] }) =>
  seen.calls.filter((call) => !calls.some((each) => isSame(call, each)))

/** @param {readonly import('./types.ts').Call[]} calls */
const wasRun = (calls) => calls.some(({ ran }) => ran)

/** @param {Observation} seen @param {Expected} expected @param {boolean} giveNoCalls */
function isWhole(seen, { text = '', calls = [], frames }, giveNoCalls) {
  if (seen.frames.length > 0 && frames) return isDeepStrictEqual(seen.frames, frames)
  // Who runs a tool asks again, and is then answered with a text that is not looked at.
  if (text !== '' && seen.text !== text) return false
  if (giveNoCalls) return true
  return (
    seen.calls.length === calls.length &&
    calls.every((each, at) => seen.calls[at] !== undefined && isSame(seen.calls[at], each))
  )
}

/** @param {Observation} seen */
export function hasOwnIds({ calls }) {
  const ids = calls.map(({ id }) => id)
  return (
    ids.every((id) => id === undefined) || (ids.every(Boolean) && new Set(ids).size === ids.length)
  )
}

/** @param {import('./types.ts').Call} call @param {{ name: string, arguments: unknown }} sent */
function isSame(call, sent) {
  try {
    return call.name === sent.name && isDeepStrictEqual(JSON.parse(call.arguments), sent.arguments)
  } catch {
    return false
  }
}
