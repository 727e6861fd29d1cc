// A provider on 127.0.0.1 that misbehaves, and says what it saw.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { chat, messages } from './replies.mjs'

/** What an idle reader is offered. */
export const offered = 32 * 2 ** 20

/**
 * @param {import('../lib/types.ts').Wire} wire
 * @param {import('./types.ts').Served} served
 */
export async function serveFault(wire, served) {
  const saw = { requests: 0, closed: false, written: 0 }
  const { text, more, much } = wire === 'anthropic' ? messages : chat
  /** @type {(value?: unknown) => void} */
  let sayClosed = () => {}
  const closed = new Promise((resolve) => (sayClosed = resolve))

  const server = createServer((request, response) => {
    void answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')

  return {
    baseURL: `http://127.0.0.1:${address.port}/v1`,
    saw,
    /** Resolves when the client has closed the connection of its first request. */
    closed,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function answer(request, response) {
    let question = ''
    for await (const piece of request.setEncoding('utf8')) question += String(piece)
    // Whoever ran a tool asks again, with its result: that is answered well.
    const isNextTurn = question.includes('"role":"tool"') || question.includes('"tool_result"')
    if (isNextTurn) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text)
      return
    }
    saw.requests += 1
    response.on('close', () => {
      // Not where it was the server that ended it.
      saw.closed ||= !response.writableEnded
      sayClosed()
    })
    response.writeHead(200, { 'content-type': served.type ?? 'text/event-stream' })
    response.write(served.body)
    if (served.ending === 'end') response.end()
    // No last chunk: what came has the time to arrive.
    else if (served.ending === 'lose') setTimeout(() => response.destroy(), 200)
    else if (served.ending === 'drip') drip(response)
    else if (served.ending === 'flood') await flood(response)
  }

  /** @param {import('node:http').ServerResponse} response */
  function drip(response) {
    const timer = setInterval(() => response.write(more), 50)
    response.on('close', () => clearInterval(timer))
  }

  /** As fast as the client takes it. @param {import('node:http').ServerResponse} response */
  async function flood(response) {
    const gone = once(response, 'close')
    while (saw.written < offered && !response.destroyed) {
      const isTaken = response.write(much)
      if (!isTaken) await Promise.race([once(response, 'drain'), gone])
      saw.written += much.length
    }
  }
}
