/**
 * The directions of OpenAI's Responses, each by itself: `import * as openaiResponses from 'ratatoskr/dialects/openai-responses'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest, type OpenAIResponsesRequestOptions } from './encode-request.ts'
export { decodeRequest } from './decode-request.ts'
export { encodeError } from '../openai-chat/encode-error.ts'
export { encodeReply } from './encode-reply.ts'
export { encodeResponse } from './encode-response.ts'
export type { OpenAIResponsesEncoderOptions } from './reply-fields.ts'
