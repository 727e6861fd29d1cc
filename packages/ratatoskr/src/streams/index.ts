/**
 * The steps of the chain as streams, for `pipeThrough`.
 *
 * @module
 */
export { ChatEventDecoderStream } from './chat-event-decoder-stream.ts'
export { ChatEventEncoderStream } from './chat-event-encoder-stream.ts'
export { DecoderStream } from './decoder-stream.ts'
export { iterate } from './iterate.ts'
export { JsonDecoderStream } from './json-decoder-stream.ts'
export { NdjsonDecoderStream } from './ndjson-decoder-stream.ts'
export { NdjsonEncoderStream } from './ndjson-encoder-stream.ts'
export { SseDecoderStream } from './sse-decoder-stream.ts'
export { SseEncoderStream } from './sse-encoder-stream.ts'
export type { SseDecoderOptions, SseEvent } from '../frames/sse.ts'
export type { SseFrame } from '../frames/sse-encoder.ts'
export type { FrameLimits, TextFrame } from '../frames/text-frame.ts'
