// A server on 127.0.0.1 in Anthropic's place. What it says is written out by hand: nothing here comes from the library.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

/** A request that the server has received, and the way to answer it. */
export class UpstreamRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly [field: string]: unknown }
  /** Resolves when the reply has ended, or the client has closed the connection; tells which. */
  readonly closed: Promise<'ended' | 'abandoned'>
  readonly #response: ServerResponse

  constructor(
    path: string,
    headers: IncomingHttpHeaders,
    body: { readonly [field: string]: unknown },
    response: ServerResponse,
  ) {
    this.path = path
    this.headers = headers
    this.body = body
    this.#response = response
    this.closed = once(response, 'close').then(() =>
      response.writableFinished ? 'ended' : 'abandoned',
    )
  }

  /** Answers with events, and does not end. */
  begin(events: readonly UpstreamEvent[]): void {
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1' })
    this.#response.flushHeaders()
    this.send(events)
  }

  send(events: readonly UpstreamEvent[]): void {
    for (const event of events) {
      this.#response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    }
  }

  /** Answers with a whole stream. */
  stream(events: readonly UpstreamEvent[]): void {
    this.begin(events)
    this.#response.end()
  }

  /** Ends the connection in the middle, with a TCP reset. */
  reset(): void {
    this.#response.socket?.resetAndDestroy()
  }

  /** Ends the body as if it were whole. */
  end(): void {
    this.#response.end()
  }

  fail(status: number, type: string, message: string, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers })
    this.#response.end(JSON.stringify({ type: 'error', error: { type, message } }))
  }
}

export interface UpstreamEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** Listens, and answers as `answer` says; `number` counts the requests from 0. */
export class AnthropicUpstream {
  /** Without a slash at the end. */
  url = ''
  answer: (request: UpstreamRequest, number: number) => void = () => {}
  readonly requests: UpstreamRequest[] = []
  #came: () => void = () => {}
  readonly #server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      text += piece
    })
    request.on('end', () => {
      const body = JSON.parse(text) as { [field: string]: unknown }
      const asked = new UpstreamRequest(request.url ?? '', request.headers, body, response)
      const number = this.requests.push(asked) - 1
      this.answer(asked, number)
      this.#came()
    })
  })

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port')
    this.url = `http://127.0.0.1:${address.port}`
  }

  /** Forgets what was asked, and answers in this way from now on. */
  script(answer: (request: UpstreamRequest, number: number) => void): void {
    this.requests.length = 0
    this.answer = answer
  }

  /** The last request, as soon as there is one. */
  async request(): Promise<UpstreamRequest> {
    for (;;) {
      const last = this.requests.at(-1)
      if (last) return last
      await new Promise<void>((resolve) => {
        this.#came = resolve
      })
    }
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

/** How a message begins, and what was counted of the prompt. */
export function start(usage: { [count: string]: number } = { input_tokens: 11 }): UpstreamEvent {
  return {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { output_tokens: 1, ...usage },
    },
  }
}

/** A content block, whole. */
export function block(
  index: number,
  content_block: UpstreamEvent,
  deltas: readonly UpstreamEvent[],
): UpstreamEvent[] {
  return [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

export function textBlock(index: number, ...pieces: string[]): UpstreamEvent[] {
  return block(
    index,
    { type: 'text', text: '' },
    pieces.map((text) => ({ type: 'text_delta', text })),
  )
}

export function thinkingBlock(index: number, ...pieces: string[]): UpstreamEvent[] {
  return block(index, { type: 'thinking', thinking: '', signature: '' }, [
    ...pieces.map((thinking) => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature: 'c2lnbmVk' },
  ])
}

export function toolBlock(
  index: number,
  id: string,
  name: string,
  ...pieces: string[]
): UpstreamEvent[] {
  return block(
    index,
    { type: 'tool_use', id, name, input: {} },
    pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  )
}

/** How a message ends. */
export function finish(stop_reason = 'end_turn', output_tokens = 7): UpstreamEvent[] {
  return [
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence: null },
      usage: { output_tokens },
    },
    { type: 'message_stop' },
  ]
}
