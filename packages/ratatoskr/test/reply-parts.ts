import type { Decoder } from '../src/decoder.ts'
import {
  anthropic,
  AwsEventStreamDecoder,
  bedrock,
  cohere,
  composeReply,
  gemini,
  JsonArrayDecoder,
  JsonDecoder,
  NdjsonDecoder,
  ollama,
  openaiChat,
  openaiResponses,
  SseDecoder,
  type ReplyDecoder,
  type ReplyDecoderOptions,
} from '../src/dialects/index.ts'
import type { FrameLimits, TextFrame } from '../src/frames/text-frame.ts'
import type { DialectUnderTest } from './dialects.ts'

/** How a dialect's events stand in its body. */
export type Framing = 'events' | 'lines' | 'array' | 'binary'

/** How the events of a dialect stand in its body. */
export function framingOf({ contentType }: DialectUnderTest): Framing {
  if (/amazon/.test(contentType)) return 'binary'
  if (/event-stream/.test(contentType)) return 'events'
  return /ndjson/.test(contentType) ? 'lines' : 'array'
}

/** The first step of a dialect's chain. */
export function framesOf(
  dialect: DialectUnderTest,
  limits: FrameLimits = {},
): Decoder<Uint8Array, TextFrame> {
  switch (framingOf(dialect)) {
    case 'events':
      return new SseDecoder({ keepDiscarded: true, ...limits })
    case 'lines':
      return new NdjsonDecoder(limits)
    case 'array':
      return new JsonArrayDecoder(limits)
    case 'binary':
      return new AwsEventStreamDecoder(limits)
  }
}

/** A dialect's chain over any frames, with any options. */
export function replyDecoderOf(
  { name, wire }: DialectUnderTest,
  frames: Decoder<Uint8Array, TextFrame>,
  options: ReplyDecoderOptions = {},
): ReplyDecoder<Uint8Array> {
  switch (name.startsWith('anthropic') ? 'anthropic' : wire) {
    case 'openai-chat':
      return composeReply(
        frames,
        new JsonDecoder(openaiChat.frame),
        openaiChat.decodeReply(options),
      )
    case 'openai-responses':
      return composeReply(
        frames,
        new JsonDecoder(openaiResponses.frame),
        openaiResponses.decodeReply(options),
      )
    case 'anthropic':
      return composeReply(frames, new JsonDecoder(anthropic.frame), anthropic.decodeReply(options))
    case 'gemini':
      return composeReply(frames, new JsonDecoder(gemini.frame), gemini.decodeReply(options))
    case 'ollama':
      return composeReply(frames, new JsonDecoder(ollama.frame), ollama.decodeReply(options))
    case 'cohere':
      return composeReply(frames, new JsonDecoder(cohere.frame), cohere.decodeReply(options))
    case 'bedrock':
      return composeReply(frames, new JsonDecoder(bedrock.frame), bedrock.decodeReply(options))
    default:
      throw new Error(`There is no dialect ${name}`)
  }
}
