// How long after the first byte the first event comes.

import { load } from '../contestants/index.mjs'
import { chatEnd, chatStart, chatText } from './replies.mjs'
import { baseURL, eventStream } from './serve.mjs'
import { CountingSink } from './sinks.mjs'
import { median } from './statistics.mjs'

const utf8 = new TextEncoder()
const beginning = utf8.encode(chatStart + chatText('The'))
const end = utf8.encode(chatEnd())

/** Notes when the first text comes. */
class FirstEventSink extends CountingSink {
  #seen = () => {}
  seenAt = 0
  seen = new Promise((resolve) => {
    this.#seen = () => resolve(undefined)
  })

  /** @param {string} piece @override */
  text(piece) {
    super.text(piece)
    // Some tell of the empty text that a reply begins with.
    if (piece === '') return
    this.seenAt ||= performance.now()
    this.#seen()
  }

  /** @param {string} data @override */
  frame(data) {
    if (data.includes('"The"')) this.text('The')
  }
}

/**
 * @param {{ name: string, count: number }} job
 * @returns {Promise<{ load: number, cold: number, warm: number }>} milliseconds until the modules are loaded;
 *   from the first byte to the first event, for the first reply of the process, and the median of the others
 */
export async function firstEvents({ name, count }) {
  let sink = new FirstEventSink()
  let sentAt = 0
  const host = {
    baseURL,
    fetch: async () => {
      let step = 0
      return eventStream(
        new ReadableStream(
          {
            async pull(controller) {
              step += 1
              if (step === 1) {
                sentAt = performance.now()
                controller.enqueue(beginning)
              } else if (step === 2) {
                // Silence, as of a model: what holds an event back until the next bytes never gives it.
                await sink.seen
                controller.enqueue(end)
              } else controller.close()
            },
          },
          { highWaterMark: 0 },
        ),
      )
    },
  }

  const start = performance.now()
  const read = await load(name, 'openai-chat', host)
  const loaded = performance.now() - start
  /** @type {number[]} */
  const times = []
  for (let at = 0; at < count; at += 1) {
    sink = new FirstEventSink()
    await read(sink)
    times.push(sink.seenAt - sentAt)
  }
  const [cold = NaN, ...warm] = times
  return { load: loaded, cold, warm: median(warm.slice(Math.floor(warm.length / 2))) }
}
