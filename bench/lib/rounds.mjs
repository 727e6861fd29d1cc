// What happens in the process, page or isolate of one contestant. Web globals only.

import { giveAnthropicData, giveChatData } from '../contestants/floor.mjs'
import { CountingSink, KeepingSink } from './sinks.mjs'

/**
 * @typedef {import('./types.ts').Read} Read
 * @typedef {import('./types.ts').Reply} Reply
 */

/** How long a round should take at least, so that the clock's own steps do not count. Milliseconds. */
const roundTime = 100
/** How long a contestant runs before it is measured, and how many replies at most. */
const warmUp = { time: 1000, replies: 12 }

/**
 * Reads one reply, and throws where it is not what was sent.
 * @param {Read} read
 * @param {Reply} reply
 */
export async function verify(read, { wire, expected }) {
  const sink = new KeepingSink()
  await read(sink)
  const kept = sink.frames.length > 0 ? textOf(sink.frames, wire) : sink.kept
  for (const part of /** @type {const} */ (['text', 'reasoning'])) {
    if (kept[part] !== expected[part]) {
      throw new Error(
        `its ${part} is wrong: ${kept[part].length} characters of ${expected[part].length}`,
      )
    }
  }
  expected.calls.forEach((sent, at) => {
    const got = kept.calls[at] ?? ''
    if (got !== sent) {
      throw new Error(
        `the arguments of call ${at} are wrong: ${got.length} characters of ${sent.length}`,
      )
    }
  })
  if (kept.calls.length > expected.calls.length) throw new Error('it tells of too many calls')
}

/** What frames alone hold. @param {string[]} frames @param {import('./types.ts').Wire} wire */
function textOf(frames, wire) {
  const sink = new KeepingSink()
  if (wire === 'openai-chat') {
    for (const data of frames) giveChatData(data, sink)
    return sink.kept
  }
  const give = giveAnthropicData(sink)
  for (const data of frames) give(data)
  return sink.kept
}

/** What a round must have counted. @param {Reply} reply */
const lengthOf = ({ expected: { text, reasoning, calls } }) =>
  text.length + reasoning.length + calls.reduce((sum, call) => sum + call.length, 0)

/**
 * Reads replies until the engine has compiled what it runs, and finds how many make a round.
 * @param {Read} read
 * @param {Reply} reply
 * @param {() => number} [now] in milliseconds
 */
export async function warm(read, reply, now = () => performance.now()) {
  const begin = now()
  let fastest = Infinity
  for (let at = 0; at < warmUp.replies && now() - begin < warmUp.time; at += 1) {
    const start = now()
    await readCounted(read, reply, 1)
    fastest = Math.min(fastest, now() - start)
  }
  return Math.max(1, Math.ceil(roundTime / fastest))
}

/**
 * Reads so many replies, one after the other, and throws where one is not whole.
 * @param {Read} read
 * @param {Reply} reply
 * @param {number} count
 */
export async function readCounted(read, reply, count) {
  const expected = lengthOf(reply)
  for (let at = 0; at < count; at += 1) {
    const sink = new CountingSink()
    await read(sink)
    if (sink.length !== expected && sink.frameLength < expected) {
      throw new Error(`only ${sink.length} of ${expected} characters came`)
    }
  }
}
