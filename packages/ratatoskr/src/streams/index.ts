/**
 * The steps of the chain as streams, for `pipeThrough`.
 *
 * @module
 */
export { ChatEventDecoderStream } from './chat-event-decoder-stream.ts'
export { DecoderStream } from './decoder-stream.ts'
export { iterate } from './iterate.ts'
export { JsonDecoderStream } from './json-decoder-stream.ts'
export { NdjsonDecoderStream } from './ndjson-decoder-stream.ts'
export { SseDecoderStream } from './sse-decoder-stream.ts'
export type { SseDecoderOptions, SseEvent } from '../frames/sse.ts'
export type { FrameLimits, TextFrame } from '../frames/text-frame.ts'
