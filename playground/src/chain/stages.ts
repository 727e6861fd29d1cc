import type { ChatEvent } from 'ratatoskr'
import * as anthropic from 'ratatoskr/dialects/anthropic'
import * as openaiChat from 'ratatoskr/dialects/openai-chat'
import type { FrameFormat, ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from 'ratatoskr/dialects'
import { ChatEventDecoderStream, JsonDecoderStream, SseDecoderStream } from 'ratatoskr/streams'
import { tap } from './tap.ts'
import type { TraceWriter } from './trace.ts'

/** The formats that the page reads. */
export type DialectName = 'openai-chat' | 'anthropic'

/** The chain from a body to events, and how far the reply has come. */
export interface Stages {
  readonly phase: ReplyPhase
  read(body: ReadableStream<Uint8Array>): ReadableStream<ChatEvent>
}

/** Makes the chain of a dialect: the library's public stages, with a tap between each two. */
export const stagesOf: {
  readonly [name in DialectName]: (trace: TraceWriter, options: ReplyDecoderOptions) => Stages
} = {
  'openai-chat': (trace, options) =>
    stages(trace, openaiChat.frame, openaiChat.decodeReply(options)),
  anthropic: (trace, options) => stages(trace, anthropic.frame, anthropic.decodeReply(options)),
}

function stages<Chunk, Sentinel extends string>(
  trace: TraceWriter,
  format: FrameFormat<Chunk, Sentinel>,
  reply: ReplyDecoder<Chunk | Sentinel>,
): Stages {
  return {
    get phase() {
      return reply.phase
    },
    read: (body) =>
      body
        .pipeThrough(tap((chunk) => trace.chunk(chunk)))
        .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
        .pipeThrough(tap((frame) => trace.frame(frame)))
        .pipeThrough(new JsonDecoderStream(format))
        .pipeThrough(tap((value) => trace.value(value)))
        .pipeThrough(new ChatEventDecoderStream(reply))
        .pipeThrough(tap((event) => trace.event(event))),
  }
}
