// A provider over HTTP on 127.0.0.1 whose streams begin, wait for a word, and then give an event twice a second each.

import { createServer } from 'node:http'
import { chatEnd, chatStart, chatText } from './replies.mjs'
import { sharedNow } from './hold-streams.mjs'

/** Events of each stream, and the milliseconds between two of them. */
const events = 16
const pace = 500

export async function startPacedServer() {
  /** @type {import('node:http').ServerResponse[]} */
  const waiting = []
  /** @type {Set<NodeJS.Timeout>} */
  const timers = new Set()
  const server = createServer((request, response) => {
    request.resume()
    request.socket.setNoDelay(true)
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(chatStart + chatText('begin'))
    waiting.push(response)
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

  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    events,
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
