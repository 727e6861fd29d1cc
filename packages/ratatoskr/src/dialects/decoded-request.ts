import type { Message } from '../message.ts'
import type { ChatOptions } from '../options.ts'
import type { ReplyEncoderOptions } from './reply-encoder.ts'

/** A client's request, as `decodeRequest` reads it. */
export interface DecodedRequest<Reply extends ReplyEncoderOptions = ReplyEncoderOptions> {
  messages: Message[]
  options: ChatOptions & { model: string }
  /** Whether the client asked for a stream. */
  stream: boolean
  /**
   * Fields that have no unified form, or not all of it, as they were sent. They mean something to
   * a provider of the same dialect alone: give them to one as `providerOptions`. They come from
   * the client: a server that lends its key lets those through that it knows.
   */
  extra: { [field: string]: unknown }
  /** What `encodeReply` and `encodeResponse` must know of the request. */
  reply: Reply
}
