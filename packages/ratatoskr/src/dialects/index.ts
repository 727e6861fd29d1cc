/**
 * The steps of the chain without any stream around them, and the dialects, each as a namespace of
 * its directions. For chains and servers of your own.
 *
 * @module
 */
export { pipe, type Decoder } from '../decoder.ts'
export { AwsEventStreamDecoder } from '../frames/aws-event-stream.ts'
export { AwsEventStreamEncoder } from '../frames/aws-event-stream-encoder.ts'
export { JsonArrayDecoder } from '../frames/json-array.ts'
export { NdjsonDecoder } from '../frames/ndjson.ts'
export { NdjsonEncoder } from '../frames/ndjson-encoder.ts'
export { SseDecoder, type SseDecoderOptions, type SseEvent } from '../frames/sse.ts'
export { SseEncoder, type SseFrame } from '../frames/sse-encoder.ts'
export type { FrameLimits, TextFrame } from '../frames/text-frame.ts'
export { JsonDecoder, type FrameFormat } from '../json/json-decoder.ts'
export { shapeOf, type PlainSchema } from '../json/shape-of.ts'
export { misfitOf, type Shape, type ShapeFields } from '../json/shape.ts'
export { apiError, type ApiFailure } from './api-error.ts'
export * as anthropic from './anthropic/index.ts'
export * as bedrock from './bedrock/index.ts'
export * as cohere from './cohere/index.ts'
export * as gemini from './gemini/index.ts'
export * as ollama from './ollama/index.ts'
export * as openaiChat from './openai-chat/index.ts'
export * as openaiResponses from './openai-responses/index.ts'
export { respondToError, type ErrorResponse } from './error-response.ts'
export type { DecodedRequest } from './decoded-request.ts'
export {
  composeReply,
  type ReplyDecoder,
  type ReplyDecoderOptions,
  type ReplyPhase,
} from './reply-decoder.ts'
export type { EncodedError, ReplyEncoder, ReplyEncoderOptions } from './reply-encoder.ts'
