import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { vi } from 'vitest'

/** What the provider answers to one request. */
export interface SimulatedReply {
  status?: number
  headers?: Record<string, string>
  /** A body that is no stream, for failures. */
  body?: string
  /** Deltas, or whole chunks, in the form of Chat Completions. */
  chunks?: readonly Record<string, unknown>[]
  /** Milliseconds before each chunk but the first. */
  pace?: number
  /** How the body ends: with `[DONE]`, broken off, or not at all. Default: `done`. */
  end?: 'done' | 'cut' | 'silence'
}

/** What came with a request, and what became of its connection. */
export interface SimulatedRequest {
  headers: IncomingMessage['headers']
  body: { model?: string; messages?: { role: string }[]; [field: string]: unknown }
  /** Resolves when the connection is closed before the reply's end. */
  abandoned: Promise<void>
}

/**
 * A provider on this machine that OpenRouter's address leads to: the examples say what their
 * readers will say, and stream over HTTP all the same.
 */
export class SimulatedProvider {
  /** One for each request that is to come. */
  replies: SimulatedReply[] = []
  requests: SimulatedRequest[] = []
  #server: Server | undefined

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response)
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const here = `http://127.0.0.1:${address.port}`
    const { fetch } = globalThis
    vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
      fetch(url.replace(/^https:\/\/openrouter\.ai\/api/, here), init),
    )
  }

  async stop(): Promise<void> {
    vi.unstubAllGlobals()
    this.#server?.closeAllConnections()
    this.#server?.close()
    if (this.#server) await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += String(piece)
    const abandoned = once(response, 'close').then(() => {
      if (response.writableFinished) throw new Error('The reply was read to its end.')
    })
    abandoned.catch(() => {})
    const body = JSON.parse(text) as SimulatedRequest['body']
    this.requests.push({ headers: request.headers, body, abandoned })

    const reply = this.replies.shift()
    const {
      status = 200,
      headers = {},
      chunks = [],
      pace = 0,
      end = 'done',
    } = reply ?? {
      status: 500,
      body: `No reply is left for ${request.method} ${request.url}`,
    }
    response.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
    if (reply?.body !== undefined) {
      response.end(reply.body)
      return
    }
    for (const [i, chunk] of chunks.entries()) {
      if (i > 0 && pace > 0) await pause(pace)
      const whole = 'choices' in chunk ? chunk : { choices: [{ index: 0, delta: chunk }] }
      response.write(`data: ${JSON.stringify({ id: 'gen-1', model: 'simulated', ...whole })}\n\n`)
    }
    if (end === 'done') response.end('data: [DONE]\n\n')
    if (end === 'cut') response.end()
  }
}

/** The chunk that says why the reply ends. */
export function finish(reason: string): Record<string, unknown> {
  return { choices: [{ index: 0, delta: {}, finish_reason: reason }] }
}

/** The chunk that counts the tokens. */
export function usage(prompt: number, completion: number): Record<string, unknown> {
  return {
    choices: [],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    },
  }
}

/** Text, one delta for each piece, and a proper end. */
export function says(...pieces: string[]): Record<string, unknown>[] {
  return [...pieces.map((content) => ({ content })), finish('stop'), usage(12, pieces.length)]
}
