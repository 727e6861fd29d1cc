import type { Decoder } from '../decoder.ts'
import { RatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import type { SseFrame } from '../frames/sse-encoder.ts'

/**
 * {@link ChatEvent}s into the frames of a format: the way back of a `ReplyDecoder`. What the format
 * cannot carry is left out. Its `end` throws with code `truncated` where there was no `done`.
 */
export interface ReplyEncoder extends Decoder<ChatEvent, SseFrame> {
  /**
   * The reply failed: emits the error as the format has it, and nothing more, so that nobody takes
   * what came before for a whole reply.
   */
  fail(error: unknown, emit: (frame: SseFrame) => void): void
}

/** What every dialect's `encodeReply` and `encodeResponse` can be told. */
export interface ReplyEncoderOptions {
  /** The reply's id. Default: one made at random. */
  id?: string | undefined
  /** The model's name, as the client is to see it. Default: the reply's own, as far as it is known. */
  model?: string | undefined
}

/** An error as a server of the format answers it. */
export interface EncodedError {
  /** The HTTP status. */
  status: number
  headers: { [name: string]: string }
  /** JSON. */
  body: { [field: string]: unknown }
}

/** What an encoder says where its input ends too early. */
export const endedEarly = 'The reply was cut off: its events end without done.'

/**
 * Makes an encoder of what writes one event and what writes a failure: nothing follows `done` or a
 * failure, and an end without either is one.
 */
export function replyEncoder(
  write: (event: ChatEvent, emit: (frame: SseFrame) => void) => void,
  fail: (error: unknown, emit: (frame: SseFrame) => void) => void,
): ReplyEncoder {
  let over = false
  return {
    push(event, emit) {
      if (over) return
      over = event.type === 'done'
      write(event, emit)
    },
    end() {
      if (!over) throw new RatatoskrError('truncated', endedEarly)
    },
    fail(error, emit) {
      if (over) return
      over = true
      fail(error, emit)
    },
  }
}
