/**
 * The directions of Gemini's format, each by itself: `import * as gemini from 'ratatoskr/dialects/gemini'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest, type GeminiRequestOptions } from './encode-request.ts'
export { decodeRequest, type GeminiAddress } from './decode-request.ts'
export { encodeError } from './encode-error.ts'
export { encodeReply } from './encode-reply.ts'
export { encodeResponse } from './encode-response.ts'
