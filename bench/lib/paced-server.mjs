// A provider over HTTP on 127.0.0.1 whose streams begin, wait for a word, and then give an event twice a second each.

import { createServer } from 'node:http'
import { chatEnd, chatStart, chatText } from './replies.mjs'
import { sharedNow } from './hold-streams.mjs'

/**
 * @param {object} [options]
 * @param {number} [options.events] of each stream
 * @param {number} [options.pace] milliseconds between two of them
 */
export async function startPacedServer({ events = 16, pace = 500 } = {}) {
  /** @type {import('node:http').ServerResponse[]} */
  const waiting = []
  /** @type {Set<NodeJS.Timeout>} */
  const timers = new Set()
  let isWarming = false
  const server = createServer((request, response) => {
    request.resume()
    request.socket.setNoDelay(true)
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(chatStart + chatText('begin'))
    if (isWarming) giveAll(response, 200)
    else waiting.push(response)
  })
  await new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => resolve(undefined))
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  /** @param {import('node:http').ServerResponse} response */
  function begin(response) {
    let left = events
    const timer = setInterval(() => {
      if (left > 0) response.write(chatText(String(sharedNow())))
      else {
        response.end(chatEnd())
        clearInterval(timer)
        timers.delete(timer)
      }
      left -= 1
    }, pace)
    timers.add(timer)
  }

  /** One event in each turn of the loop. @param {import('node:http').ServerResponse} response @param {number} left */
  function giveAll(response, left) {
    if (left === 0) {
      response.end(chatEnd())
      return
    }
    response.write(chatText(String(sharedNow())))
    setImmediate(() => giveAll(response, left - 1))
  }

  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    events,
    /** Whether replies come at once and end, so that all on their way is warm before it is measured. @param {boolean} isOn */
    warm(isOn) {
      isWarming = isOn
    },
    /** Lets the streams that wait go on, evenly spread over the time between two events. */
    go() {
      waiting.forEach((response, at) => {
        const timer = setTimeout(
          () => {
            timers.delete(timer)
            begin(response)
          },
          (at * pace) / waiting.length,
        )
        timers.add(timer)
      })
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** @type {Awaited<ReturnType<typeof startPacedServer>> | undefined} */
let started

/**
 * The same, in a process of its own: it is warming until it is told to `hold`.
 * @param {{ step: 'start' | 'hold' | 'go' }} job
 * @returns {Promise<{ baseURL?: string, events?: number }>}
 */
export async function pacedServer({ step }) {
  if (step !== 'start') {
    if (step === 'go') started?.go()
    else started?.warm(false)
    return {}
  }
  started = await startPacedServer()
  started.warm(true)
  return { baseURL: started.baseURL, events: started.events }
}
