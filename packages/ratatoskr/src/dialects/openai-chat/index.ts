export { frame, type Chunk } from './chunk.ts'
export { decodeReply, type OpenAIChatReplyOptions } from './decode-reply.ts'
export { encodeRequest, relaxRequest, type OpenAIChatRequestOptions } from './encode-request.ts'
export type { OpenAIChatProfile } from './profile.ts'
