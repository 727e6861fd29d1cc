// The dialects whose replies the fixture server has, each with its chain of decoders and its encoder.

import type { ChatEvent } from 'ratatoskr'
import { anthropic, JsonDecoder, openaiChat, pipe, SseDecoder } from 'ratatoskr/dialects'
import type { Decoder } from 'ratatoskr/dialects'
import {
  ChatEventDecoderStream,
  ChatEventEncoderStream,
  JsonDecoderStream,
  SseDecoderStream,
  SseEncoderStream,
} from 'ratatoskr/streams'
import * as anthropicReplies from '../server/anthropic-replies.mjs'
import * as chatReplies from '../server/replies.mjs'

export interface Dialect {
  /** As the recordings are sorted. */
  readonly name: 'openai-chat' | 'anthropic'
  /** The fixture server's, by name. */
  readonly replies: Readonly<Record<string, readonly string[]>>
  /** Bytes to events, without any stream. */
  readonly decoder: () => Decoder<Uint8Array, ChatEvent>
  /** Bytes to events, stream by stream. */
  readonly decode: (body: ReadableStream<Uint8Array<ArrayBuffer>>) => ReadableStream<ChatEvent>
  /** Events to bytes, stream by stream. */
  readonly encode: (events: ReadableStream<ChatEvent>) => ReadableStream<Uint8Array<ArrayBuffer>>
}

/** As a server knows it: some formats name the model before the events do. */
const told = { model: 'fixture-1' }

export const chatDialect: Dialect = {
  name: 'openai-chat',
  replies: chatReplies.plainReplies,
  decoder: () =>
    pipe(
      pipe(new SseDecoder({ keepDiscarded: true }), new JsonDecoder(openaiChat.frame)),
      openaiChat.decodeReply(),
    ),
  decode: (body) =>
    body
      .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
      .pipeThrough(new JsonDecoderStream(openaiChat.frame))
      .pipeThrough(new ChatEventDecoderStream(openaiChat.decodeReply())),
  encode: (events) =>
    events
      .pipeThrough(
        new ChatEventEncoderStream(openaiChat.encodeReply({ ...told, includeUsage: true })),
      )
      .pipeThrough(new SseEncoderStream()),
}

export const anthropicDialect: Dialect = {
  name: 'anthropic',
  replies: anthropicReplies.plainReplies,
  decoder: () =>
    pipe(
      pipe(new SseDecoder({ keepDiscarded: true }), new JsonDecoder(anthropic.frame)),
      anthropic.decodeReply(),
    ),
  decode: (body) =>
    body
      .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
      .pipeThrough(new JsonDecoderStream(anthropic.frame))
      .pipeThrough(new ChatEventDecoderStream(anthropic.decodeReply())),
  encode: (events) =>
    events
      .pipeThrough(new ChatEventEncoderStream(anthropic.encodeReply(told)))
      .pipeThrough(new SseEncoderStream()),
}

export const dialects: readonly Dialect[] = [chatDialect, anthropicDialect]
