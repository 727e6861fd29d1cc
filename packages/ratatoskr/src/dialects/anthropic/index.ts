/**
 * The directions of Anthropic's Messages, each by itself: `import * as anthropic from 'ratatoskr/dialects/anthropic'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest } from './encode-request.ts'
export { decodeRequest } from './decode-request.ts'
export { encodeError } from './encode-error.ts'
export { encodeReply } from './encode-reply.ts'
export { encodeResponse } from './encode-response.ts'
