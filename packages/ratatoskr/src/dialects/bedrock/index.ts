/**
 * The directions of Amazon Bedrock's Converse, each by itself: `import * as bedrock from 'ratatoskr/dialects/bedrock'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest, type BedrockRequestOptions } from './encode-request.ts'
export { encodeError, encodeReply } from './encode-reply.ts'
