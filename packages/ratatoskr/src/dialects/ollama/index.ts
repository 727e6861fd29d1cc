/**
 * The directions of Ollama's own format, each by itself: `import * as ollama from 'ratatoskr/dialects/ollama'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest, type OllamaRequestOptions } from './encode-request.ts'
export { decodeRequest } from './decode-request.ts'
export { encodeError } from './encode-error.ts'
export { encodeReply } from './encode-reply.ts'
export { encodeResponse } from './encode-response.ts'
export type { OllamaEncoderOptions } from './reply-fields.ts'
