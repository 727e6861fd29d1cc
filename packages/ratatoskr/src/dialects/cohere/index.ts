/**
 * The directions of Cohere's Chat, version 2, each by itself: `import * as cohere from 'ratatoskr/dialects/cohere'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest, type CohereRequestOptions } from './encode-request.ts'
export { encodeError, encodeReply, encodeResponse } from './encode-reply.ts'
