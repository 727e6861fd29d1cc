import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** One request on a socket, and the way to answer it byte by byte. */
export class Connection {
  readonly #socket: Socket
  readonly #seen: (events: number) => Promise<void>

  constructor(socket: Socket, seen: (events: number) => Promise<void>) {
    this.#socket = socket
    this.#seen = seen
  }

  /** The client, or a fault, has ended it. */
  get isClosed(): boolean {
    return this.#socket.destroyed
  }

  /** Sends bytes, and waits until the client takes them, or goes away. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#socket.destroyed || this.#socket.write(data)) return
    await new Promise<void>((resolve) => {
      this.#socket.once('drain', resolve).once('close', resolve)
    })
  }

  /** Sends the head of a response. Its connection ends with it, so a socket that stays is a leak. */
  head(fields: { readonly [name: string]: string }, status = '200 OK'): Promise<void> {
    const lines = Object.entries({ connection: 'close', ...fields }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    return this.write(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`)
  }

  /** Sends a chunk of a chunked body (RFC 9112, section 7.1). */
  async chunk(bytes: Uint8Array, extension = ''): Promise<void> {
    if (bytes.length === 0) return
    await this.write(`${bytes.length.toString(16)}${extension}\r\n`)
    await this.write(bytes)
    await this.write('\r\n')
  }

  /** Ends a chunked body. */
  lastChunk(): Promise<void> {
    return this.write('0\r\n\r\n')
  }

  /** Waits until the reader has been given so many events: a reset may overtake what was sent. */
  seen(events: number): Promise<void> {
    return this.#seen(events)
  }

  /** Closes the connection in order, as far as TCP is concerned. */
  close(): void {
    this.#socket.end()
  }

  /** Closes the connection by a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }
}

/** What to do with each request; they are counted from 1. */
export type Answer = (connection: Connection, request: number) => Promise<void> | void

/** A server on 127.0.0.1 without any notion of HTTP but where a request ends. */
export class FaultServer {
  url = ''
  requests = 0
  /** What an answer has failed with. */
  readonly problems: unknown[] = []
  #answer: Answer = () => {}
  #release: () => void = () => {}
  #seen = 0
  #waiting: { events: number; resolve: () => void }[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer({ noDelay: true }, (socket) => {
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0) this.#release()
    })
    // What the client does to a connection is what the tests look at.
    socket.on('error', () => {})
    let text = ''
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece
      // Not before: Node's `fetch` opens a connection in reserve when it has closed one.
      this.#sockets.add(socket)
      const end = text.indexOf('\r\n\r\n') + 4
      const [, length = '0'] = /^content-length: *(\d+)/im.exec(text.slice(0, end)) ?? []
      if (end < 4 || text.length < end + Number(length)) return
      text = ''
      this.requests += 1
      void this.#run(new Connection(socket, (events) => this.#until(events)))
    })
  })

  /** Connections that the client has not closed. */
  get open(): number {
    return this.#sockets.size
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port')
    this.url = `http://127.0.0.1:${address.port}`
  }

  /** From now on each request gets this answer. */
  serve(answer: Answer): void {
    this.#answer = answer
    this.requests = 0
    this.#seen = 0
    this.#waiting = []
    this.problems.length = 0
  }

  /** The reader was given an event. */
  tell(): void {
    this.#seen += 1
    for (const { events, resolve } of this.#waiting) if (events <= this.#seen) resolve()
  }

  /** Resolves when the client has closed every connection. */
  released(): Promise<void> {
    return new Promise((resolve) => {
      this.#release = resolve
      if (this.open === 0) resolve()
    })
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy()
    // One in reserve ends by itself.
    this.#server.close()
  }

  async #run(connection: Connection): Promise<void> {
    try {
      await this.#answer(connection, this.requests)
    } catch (error) {
      this.problems.push(error)
    }
  }

  #until(events: number): Promise<void> {
    return new Promise((resolve) => {
      if (events <= this.#seen) resolve()
      else this.#waiting.push({ events, resolve })
    })
  }
}
