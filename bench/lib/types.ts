/** The wire formats that replies come in. */
export type Wire = 'openai-chat' | 'anthropic'

/** Where a contestant sends its request. */
export interface Host {
  baseURL: string
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
}

/** What a contestant gives each piece to as it comes. */
export interface Sink {
  text(piece: string): void
  reasoning(piece: string): void
  /** A piece of the arguments of the tool call that came as number `call`, from 0. */
  arguments(call: number, piece: string): void
  /** The data of one server-sent event, from contestants that read no further than frames. */
  frame(data: string): void
}

/** Asks for one reply and gives the whole of it to the sink. */
export type Read = (sink: Sink) => Promise<void>

/** What a contestant's file exports: for each wire that it reads, what makes a client. */
export interface Contestant {
  openaiChat?: (host: Host) => Read
  anthropic?: (host: Host) => Read
}

/** What a reply holds. */
export interface Expected {
  text: string
  reasoning: string
  calls: string[]
}

/** A reply as bytes, cut into the chunks that the body gives one by one. */
export interface Reply {
  wire: Wire
  chunks: readonly Uint8Array<ArrayBuffer>[]
  expected: Expected
}
