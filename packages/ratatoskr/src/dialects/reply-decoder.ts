import type { Decoder } from '../decoder.ts'
import type { ChatEvent } from '../event.ts'
import type { TextFrame } from '../frames/text-frame.ts'

/**
 * How far a reply has come: `open`, `complete` (the provider said why it ended; only usage may
 * still come, and the input may end), `done` (the `done` event is out; nothing more is read).
 */
export type ReplyPhase = 'open' | 'complete' | 'done'

/** The last step of the chain: a provider's checked JSON into {@link ChatEvent}s. */
export interface ReplyDecoder<Chunk> extends Decoder<Chunk, ChatEvent> {
  readonly phase: ReplyPhase
}

/** What every dialect's `decodeReply` can be told. */
export interface ReplyDecoderOptions {
  /** Makes the id of a call that came without one. Default: `call_<index>`. */
  callId?: (index: number) => string
  /** Pass on what has no unified form. Default: false. */
  includeProviderEvents?: boolean | undefined
  /** The provider's name, for errors. */
  provider?: string
}

/** A whole chain as one step: from the body's bytes to {@link ChatEvent}s. */
export function composeReply<Chunk>(
  frames: Decoder<Uint8Array, TextFrame>,
  json: Decoder<TextFrame, Chunk>,
  reply: ReplyDecoder<Chunk>,
): ReplyDecoder<Uint8Array> {
  // Closures for the whole stream: new ones for each push would cost an allocation a chunk.
  let sink: (event: ChatEvent) => void = () => {}
  const toReply = (chunk: Chunk): void => reply.push(chunk, sink)
  const toJson = (frame: TextFrame): void => {
    // What follows the end is nobody's business, be it JSON or not.
    if (reply.phase !== 'done') json.push(frame, toReply)
  }
  return {
    get phase() {
      return reply.phase
    },
    push(bytes, emit) {
      sink = emit
      try {
        frames.push(bytes, toJson)
      } catch (error) {
        // Nor is what follows it in the same piece.
        if (reply.phase !== 'done') throw error
      }
    },
    end(emit) {
      sink = emit
      frames.end(toJson)
      json.end(toReply)
      reply.end(emit)
    },
  }
}
