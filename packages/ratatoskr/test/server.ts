import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { connect } from 'node:net'

/** One request that a {@link TestServer} has received, and the way to answer it. */
export class Exchange {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly #response: ServerResponse
  readonly #closed: Promise<void>

  constructor(request: IncomingMessage, text: string, response: ServerResponse) {
    this.method = request.method ?? ''
    this.path = request.url ?? ''
    this.headers = request.headers
    this.text = text
    this.#response = response
    this.#closed = new Promise((resolve) => {
      response.on('close', resolve)
    })
  }

  /** The body of the request. */
  get body(): { [field: string]: unknown } {
    return JSON.parse(this.text) as { [field: string]: unknown }
  }

  /** Resolves when the response is over, or the client has closed the connection. */
  get closed(): Promise<void> {
    return this.#closed
  }

  /** Whether the client went away before the response had ended. */
  get abandoned(): boolean {
    return this.#response.destroyed && !this.#response.writableFinished
  }

  /** Sends the status and headers, now. */
  start(status = 200, headers: OutgoingHttpHeaders = {}): this {
    this.#response.writeHead(status, {
      'content-type': 'text/event-stream',
      // A connection that another test has left idle may be closed just when it is used again.
      connection: 'close',
      ...headers,
    })
    this.#response.flushHeaders()
    return this
  }

  /** Sends a piece of the body. */
  write(text: string): this {
    this.#response.write(text)
    return this
  }

  /** Sends values as server-sent events: `[DONE]` and other texts as they are. */
  send(...values: unknown[]): this {
    for (const value of values) {
      this.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
    }
    return this
  }

  end(): void {
    this.#response.end()
  }

  /** Ends the connection in the middle, with a TCP reset. */
  reset(): void {
    this.#response.socket?.resetAndDestroy()
  }

  /** A whole answer. */
  answer(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): void {
    this.start(status, { 'content-type': 'application/json', ...headers })
    if (status !== 204) this.write(typeof body === 'string' ? body : JSON.stringify(body))
    this.end()
  }

  /** A whole stream. */
  stream(...values: unknown[]): void {
    this.start()
      .send(...values)
      .end()
  }
}

/** An HTTP server on 127.0.0.1 that answers as a script says, and remembers what it was asked. */
export class TestServer {
  readonly exchanges: Exchange[] = []
  /** Without a slash at the end. */
  url = ''
  #script: (exchange: Exchange, index: number) => unknown = () => {}
  readonly #server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('error', () => {})
    request.on('end', () => {
      const exchange = new Exchange(request, Buffer.concat(pieces).toString(), response)
      const index = this.exchanges.push(exchange) - 1
      for (const waiter of this.#waiters.splice(0)) waiter()
      this.#script(exchange, index)
    })
  })
  readonly #waiters: (() => void)[] = []

  /** What to do with each request; `index` counts them since {@link TestServer.reset}. */
  script(script: (exchange: Exchange, index: number) => unknown): void {
    this.#script = script
  }

  /** The request of this number, as soon as it has come. */
  async exchange(index = 0): Promise<Exchange> {
    for (;;) {
      const exchange = this.exchanges[index]
      if (exchange !== undefined) return exchange
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve)
      })
    }
  }

  /** Forgets everything, and closes what is open. */
  reset(): void {
    this.#server.closeAllConnections()
    this.exchanges.length = 0
    this.#script = () => {}
  }

  /** Listens, each time on another port: what a client keeps of old connections is of no effect. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port')
    this.url = `http://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.reset()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }
}

/** The address of a port that nobody listens on. */
export async function closedPort(): Promise<string> {
  const server = new TestServer()
  await server.start()
  await server.stop()
  // Makes sure that it is refused already.
  const port = Number(new URL(server.url).port)
  await new Promise<void>((resolve) => {
    connect(port, '127.0.0.1')
      .on('error', () => {
        resolve()
      })
      .on('connect', () => {
        resolve()
      })
  })
  return server.url
}

/** A chunk of Chat Completions with a piece of content. */
export function content(text: string): { choices: unknown[] } {
  return { choices: [{ index: 0, delta: { content: text } }] }
}

/** A chunk of Chat Completions that tells why the reply ended. */
export function finish(reason = 'stop'): { choices: unknown[] } {
  return { choices: [{ index: 0, delta: {}, finish_reason: reason }] }
}
