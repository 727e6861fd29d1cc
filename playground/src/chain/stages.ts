import type { ChatEvent } from 'ratatoskr'
import * as anthropic from 'ratatoskr/dialects/anthropic'
import * as bedrock from 'ratatoskr/dialects/bedrock'
import * as cohere from 'ratatoskr/dialects/cohere'
import * as gemini from 'ratatoskr/dialects/gemini'
import * as ollama from 'ratatoskr/dialects/ollama'
import * as openaiChat from 'ratatoskr/dialects/openai-chat'
import * as openaiResponses from 'ratatoskr/dialects/openai-responses'
import {
  AwsEventStreamDecoder,
  type FrameFormat,
  type ReplyDecoder,
  type ReplyDecoderOptions,
  type ReplyPhase,
  type TextFrame,
} from 'ratatoskr/dialects'
import {
  ChatEventDecoderStream,
  DecoderStream,
  JsonDecoderStream,
  NdjsonDecoderStream,
  SseDecoderStream,
} from 'ratatoskr/streams'
import { tap } from './tap.ts'
import { sseFraming, type Frame, type Framing, type TraceWriter } from './trace.ts'

/** The formats that the page reads, with their names. */
export const dialectLabels = {
  'openai-chat': 'OpenAI Chat Completions',
  'openai-responses': 'OpenAI Responses',
  anthropic: 'Anthropic Messages',
  gemini: 'Google Gemini',
  ollama: 'Ollama',
  cohere: 'Cohere Chat',
  bedrock: 'Amazon Bedrock Converse',
} as const

/** A format that the page reads. */
export type DialectName = keyof typeof dialectLabels

/** Whether there is a format of this name. */
export function isDialect(name: string): name is DialectName {
  return Object.hasOwn(dialectLabels, name)
}

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
    stages(trace, sse(), openaiChat.frame, openaiChat.decodeReply(options)),
  'openai-responses': (trace, options) =>
    stages(trace, sse(), openaiResponses.frame, openaiResponses.decodeReply(options)),
  anthropic: (trace, options) =>
    stages(trace, sse(), anthropic.frame, anthropic.decodeReply(options)),
  gemini: (trace, options) => stages(trace, sse(), gemini.frame, gemini.decodeReply(options)),
  cohere: (trace, options) => stages(trace, sse(), cohere.frame, cohere.decodeReply(options)),
  ollama: (trace, options) =>
    stages(trace, new NdjsonDecoderStream(), ollama.frame, ollama.decodeReply(options), lines),
  bedrock: (trace, options) => {
    const frames = new DecoderStream(new AwsEventStreamDecoder())
    return stages(trace, frames, bedrock.frame, bedrock.decodeReply(options), messages)
  },
}

const lines: Framing & Pick<Frame, 'unit'> = {
  title: 'Lines',
  stage: 'NdjsonDecoderStream',
  about: 'The lines in it.',
  unit: 'line',
}

const messages: Framing & Pick<Frame, 'unit'> = {
  title: 'Messages',
  stage: 'AwsEventStreamDecoder',
  about: 'The binary messages in it, each as JSON.',
  unit: 'message',
}

function sse(): SseDecoderStream {
  return new SseDecoderStream({ keepDiscarded: true })
}

function stages<Chunk, Sentinel extends string>(
  trace: TraceWriter,
  frames: ReadableWritablePair<TextFrame, Uint8Array>,
  format: FrameFormat<Chunk, Sentinel>,
  reply: ReplyDecoder<Chunk | Sentinel>,
  framing: Framing & Pick<Frame, 'unit'> = sseFraming,
): Stages {
  const { unit } = framing
  trace.framing(framing)
  return {
    get phase() {
      return reply.phase
    },
    read: (body) =>
      body
        .pipeThrough(tap((chunk) => trace.chunk(chunk)))
        .pipeThrough(frames)
        .pipeThrough(tap((frame) => trace.frame(unit ? { ...frame, unit } : frame)))
        .pipeThrough(new JsonDecoderStream(format))
        .pipeThrough(tap((value) => trace.value(value)))
        .pipeThrough(new ChatEventDecoderStream(reply))
        .pipeThrough(tap((event) => trace.event(event))),
  }
}
