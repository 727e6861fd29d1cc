/**
 * The directions of OpenAI's Chat Completions, each by itself: `import * as openaiChat from 'ratatoskr/dialects/openai-chat'`
 * bundles only what is used, which not every bundler does with the same namespace of
 * `ratatoskr/dialects`.
 *
 * @module
 */
export { frame, type Chunk } from './chunk.ts'
export { schema } from './schema.ts'
export type { OpenAIChatReplyOptions } from './decode-plain-reply.ts'
export { decodeReply } from './decode-reply.ts'
export { encodeRequest, type OpenAIChatRequestOptions } from './encode-request.ts'
export type { OpenAIChatProfile } from './profile.ts'
export { decodeRequest } from './decode-request.ts'
export { encodeError } from './encode-error.ts'
export { encodeReply, type OpenAIChatEncoderOptions } from './encode-reply.ts'
export { encodeResponse } from './encode-response.ts'
