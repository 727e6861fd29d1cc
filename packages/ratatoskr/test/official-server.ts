import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { collect } from '../src/collect.ts'
import type { DecodedRequest } from '../src/dialects/decoded-request.ts'
import type {
  EncodedError,
  ReplyEncoder,
  ReplyEncoderOptions,
} from '../src/dialects/reply-encoder.ts'
import type { ChatEvent } from '../src/event.ts'
import type { ChatResponse } from '../src/response.ts'
import { ChatEventEncoderStream, SseEncoderStream } from '../src/streams/index.ts'

/** A dialect, as a server uses it. */
export interface ServerDialect<Reply extends ReplyEncoderOptions> {
  decodeRequest: (body: unknown) => DecodedRequest<Reply>
  encodeReply: (options: Reply) => ReplyEncoder
  encodeResponse: (response: ChatResponse, options: Reply) => { [field: string]: unknown }
  encodeError: (error: unknown) => EncodedError
}

/** Answers a decoded request; what it throws is answered as an error. */
export type Model = (request: DecodedRequest, turn: number) => ReadableStream<ChatEvent>

/** A request as it came over the wire. */
export interface Received {
  path: string
  body: { [field: string]: unknown }
}

/**
 * A server on 127.0.0.1 that speaks a dialect to whoever connects: it decodes the request, asks
 * the model for events, and encodes them as the client wants them.
 */
export class OfficialServer<Reply extends ReplyEncoderOptions> {
  readonly received: Received[] = []
  readonly decoded: DecodedRequest[] = []
  /** Without a slash at the end. */
  url = ''
  model: Model = () => {
    throw new Error('The test has set no model')
  }
  readonly #dialect: ServerDialect<Reply>
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response)
  })

  constructor(dialect: ServerDialect<Reply>) {
    this.#dialect = dialect
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port')
    this.url = `http://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  /** Answers from here on by this model, and forgets what was received. */
  play(model: Model): void {
    this.received.length = 0
    this.decoded.length = 0
    this.model = model
  }

  /** The handler that a worker would have. */
  async #answer(path: string, text: string): Promise<Response> {
    const { decodeRequest, encodeReply, encodeResponse, encodeError } = this.#dialect
    try {
      const body = JSON.parse(text) as { [field: string]: unknown }
      this.received.push({ path, body })
      const decoded = decodeRequest(body)
      const turn = this.decoded.push(decoded) - 1
      const events = this.model(decoded, turn)
      if (!decoded.stream)
        return Response.json(encodeResponse(await collect(events), decoded.reply))
      const stream = events
        .pipeThrough(new ChatEventEncoderStream(encodeReply(decoded.reply)))
        .pipeThrough(new SseEncoderStream())
      return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
    } catch (error) {
      const { status, headers, body } = encodeError(error)
      return new Response(JSON.stringify(body), { status, headers })
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const answer = await this.#answer(request.url ?? '', Buffer.concat(pieces).toString())
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.flushHeaders()
    const reader = answer.body?.getReader()
    response.on('close', () => {
      if (!response.writableFinished) reader?.cancel().catch(() => {})
    })
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) break
      response.write(value)
    }
    response.end()
  }
}

/** How a {@link play} ends besides by itself. */
export interface Ending {
  /** It fails with this. */
  error?: unknown
  /** It never ends. */
  silent?: boolean
  /** Called when nobody wants more. */
  onCancel?: () => void
}

/** A model's events, one at each pull. */
export function play(events: readonly ChatEvent[], ending: Ending = {}): ReadableStream<ChatEvent> {
  let next = 0
  return new ReadableStream<ChatEvent>(
    {
      pull(controller) {
        const event = events[next]
        next += 1
        if (event) controller.enqueue(event)
        else if (ending.silent) return new Promise(() => {})
        else if ('error' in ending) controller.error(ending.error)
        else controller.close()
        return undefined
      },
      cancel() {
        ending.onCancel?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** What something fails with; a test that expects a failure goes on with it. */
export async function failure(fails: () => Promise<unknown>): Promise<Error> {
  let value: unknown
  try {
    value = await fails()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error(`Nothing failed: ${JSON.stringify(value)}`)
}
