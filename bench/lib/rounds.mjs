// What happens in the process, page or isolate of one contestant. Web globals only.

import { giveAnthropicData, giveChatData } from '../contestants/floor.mjs'
import { CountingSink, KeepingSink } from './sinks.mjs'

/**
 * @typedef {import('./types.ts').Read} Read
 * @typedef {import('./types.ts').Reply} Reply
 */

/** How long a round should take at least, so that the clock's own steps do not count. Milliseconds. */
const roundTime = 100
/** How many replies a contestant reads before it is measured; after `patience` milliseconds no more. */
const warmUp = { replies: 8, patience: 10_000 }

/**
 * Reads one reply, and throws where it is not what was sent.
 * @param {Read} read
 * @param {Reply} reply
 * @returns {Promise<number>} the characters that a round must count
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
  return sink.frames.length > 0 ? sink.frames.join('').length : lengthOf(kept)
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

/** @param {import('./types.ts').Expected} kept */
const lengthOf = ({ text, reasoning, calls }) =>
  text.length + reasoning.length + calls.reduce((sum, call) => sum + call.length, 0)

/**
 * Reads replies until the engine has compiled what it runs, and finds how many make a round.
 * @param {Read} read
 * @param {number} length of a reply, by {@link verify}
 */
export async function warm(read, length) {
  const begin = performance.now()
  let fastest = Infinity
  for (let at = 0; at < warmUp.replies && performance.now() - begin < warmUp.patience; at += 1) {
    const start = performance.now()
    await readCounted(read, length, 1)
    fastest = Math.min(fastest, performance.now() - start)
  }
  return Math.max(1, Math.ceil(roundTime / fastest))
}

/**
 * Reads so many replies, one after the other, and throws where one is not whole.
 * @param {Read} read
 * @param {number} length of a reply, by {@link verify}
 * @param {number} count
 */
export async function readCounted(read, length, count) {
  for (let at = 0; at < count; at += 1) {
    const sink = new CountingSink()
    await read(sink)
    if (sink.length !== length) {
      throw new Error(`${sink.length} of ${length} characters came`)
    }
  }
}
