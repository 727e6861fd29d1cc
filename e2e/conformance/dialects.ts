// Every dialect in its framing, each with its chain of decoders, its encoder and its provider.

import type { ChatEvent, Provider } from 'ratatoskr'
import { anthropic as anthropicProvider } from 'ratatoskr/anthropic'
import { bedrock as bedrockProvider } from 'ratatoskr/bedrock'
import { cohere as cohereProvider } from 'ratatoskr/cohere'
import {
  anthropic,
  AwsEventStreamDecoder,
  AwsEventStreamEncoder,
  bedrock,
  cohere,
  composeReply,
  gemini,
  JsonArrayDecoder,
  JsonDecoder,
  NdjsonDecoder,
  ollama,
  openaiChat,
  openaiResponses,
  SseDecoder,
} from 'ratatoskr/dialects'
import type {
  Decoder,
  FrameFormat,
  ReplyDecoder,
  ReplyEncoder,
  SseFrame,
  TextFrame,
} from 'ratatoskr/dialects'
import { google } from 'ratatoskr/google'
import { ollama as ollamaProvider } from 'ratatoskr/ollama'
import { openaiResponses as openaiResponsesProvider } from 'ratatoskr/openai'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import {
  ChatEventDecoderStream,
  ChatEventEncoderStream,
  DecoderStream,
  JsonDecoderStream,
  NdjsonDecoderStream,
  NdjsonEncoderStream,
  SseDecoderStream,
  SseEncoderStream,
} from 'ratatoskr/streams'
import type { DialectName, FetchLike } from '@ratatoskr/testkit'
import * as anthropicReplies from '../server/anthropic-replies.mjs'
import * as chatReplies from '../server/replies.mjs'

type Bytes = Uint8Array<ArrayBuffer>
type Body = ReadableStream<Bytes>
type Events = ReadableStream<ChatEvent>

export interface Dialect {
  readonly name: DialectName | 'gemini as a JSON array'
  /** Which recordings are of it. */
  readonly recordings: RegExp
  /** Bytes to events, without any stream. */
  readonly decoder: () => Decoder<Uint8Array, ChatEvent>
  /** Bytes to events, stream by stream. */
  readonly decode: (body: Body) => Events
  /** Events to bytes, stream by stream; absent where the library does not write the framing. */
  readonly encode?: (events: Events) => Body
  /** At the simulator's address, or a recording's. */
  readonly provider: (root: string, fetch?: FetchLike) => Provider
  /** What the format has no field for. */
  readonly lacks: readonly ('image' | 'citation')[]
}

/** A dialect that the fixture server has replies of, by name. */
export interface FixtureDialect extends Dialect {
  readonly name: 'openai-chat' | 'anthropic'
  readonly encode: (events: Events) => Body
  readonly replies: Readonly<Record<string, readonly string[]>>
}

/** As a server knows it: some formats name the model before the events do. */
const told = { model: 'fixture-1' }
export const key = 'key-e2e'

interface Format<Chunk, Sentinel extends string> {
  readonly frame: FrameFormat<Chunk, Sentinel>
  readonly decodeReply: () => ReplyDecoder<Chunk | Sentinel>
}

interface Framing {
  readonly decoder: () => Decoder<Uint8Array, TextFrame>
  readonly decode: () => ReadableWritablePair<TextFrame, Bytes>
  readonly encode?: () => ReadableWritablePair<Bytes, SseFrame>
}

const sse: Framing = {
  decoder: () => new SseDecoder({ keepDiscarded: true }),
  decode: () => new SseDecoderStream({ keepDiscarded: true }),
  encode: () => new SseEncoderStream(),
}
const ndjson: Framing = {
  decoder: () => new NdjsonDecoder(),
  decode: () => new NdjsonDecoderStream(),
  encode: () => new NdjsonEncoderStream(),
}
const jsonArray: Framing = {
  decoder: () => new JsonArrayDecoder(),
  decode: () => new DecoderStream(new JsonArrayDecoder()),
}
const amazon: Framing = {
  decoder: () => new AwsEventStreamDecoder(),
  decode: () => new DecoderStream(new AwsEventStreamDecoder()),
  encode: () => new DecoderStream(new AwsEventStreamEncoder()),
}

/** The ways through a dialect in its framing. */
function ways<Chunk, Sentinel extends string>(
  framing: Framing,
  { frame, decodeReply }: Format<Chunk, Sentinel>,
): Pick<Dialect, 'decoder' | 'decode'> {
  return {
    decoder: () => composeReply(framing.decoder(), new JsonDecoder(frame), decodeReply()),
    decode: (body) =>
      body
        .pipeThrough(framing.decode())
        .pipeThrough(new JsonDecoderStream(frame))
        .pipeThrough(new ChatEventDecoderStream(decodeReply())),
  }
}

const encode =
  (framing: Framing, encoder: () => ReplyEncoder) =>
  (events: Events): Body => {
    const frames = events.pipeThrough(new ChatEventEncoderStream(encoder()))
    if (!framing.encode) throw new Error('The library does not write this framing.')
    return frames.pipeThrough(framing.encode())
  }

const options = (fetch?: FetchLike): { name: string; apiKey: string; fetch?: FetchLike } => ({
  name: 'fixture',
  apiKey: key,
  ...(fetch && { fetch }),
})

export const chatDialect: FixtureDialect = {
  name: 'openai-chat',
  recordings: /^openai-chat\//,
  replies: chatReplies.plainReplies,
  ...ways(sse, openaiChat),
  encode: encode(sse, () => openaiChat.encodeReply({ ...told, includeUsage: true })),
  provider: (root, fetch) => openaiCompatible({ ...options(fetch), baseURL: `${root}/v1` }),
  lacks: [],
}

export const anthropicDialect: FixtureDialect = {
  name: 'anthropic',
  recordings: /^anthropic\//,
  replies: anthropicReplies.plainReplies,
  ...ways(sse, anthropic),
  encode: encode(sse, () => anthropic.encodeReply(told)),
  provider: (root, fetch) => anthropicProvider({ ...options(fetch), baseURL: `${root}/v1` }),
  lacks: ['image'],
}

export const fixtureDialects: readonly FixtureDialect[] = [chatDialect, anthropicDialect]

export const geminiDialect: Dialect = {
  name: 'gemini',
  recordings: /^gemini\/.*\.sse$/,
  ...ways(sse, gemini),
  encode: encode(sse, () => gemini.encodeReply(told)),
  provider: (root, fetch) => google({ ...options(fetch), baseURL: `${root}/v1beta` }),
  lacks: [],
}

export const dialects: readonly Dialect[] = [
  ...fixtureDialects,
  {
    name: 'openai-responses',
    recordings: /^openai-responses\//,
    ...ways(sse, openaiResponses),
    encode: encode(sse, () => openaiResponses.encodeReply(told)),
    provider: (root, fetch) =>
      openaiResponsesProvider({ ...options(fetch), baseURL: `${root}/v1` }),
    lacks: [],
  },
  geminiDialect,
  {
    name: 'gemini as a JSON array',
    recordings: /^gemini\/.*\.jsonarray$/,
    ...ways(jsonArray, gemini),
    // What Google sends where events are not asked for.
    provider: (root, fetch = globalThis.fetch) =>
      geminiDialect.provider(root, (input, init) => {
        const { href } = new URL(input instanceof Request ? input.url : input)
        return fetch(href.replace('?alt=sse', ''), init)
      }),
    lacks: [],
  },
  {
    name: 'ollama',
    recordings: /^ollama\//,
    ...ways(ndjson, ollama),
    encode: encode(ndjson, () => ollama.encodeReply(told)),
    provider: (root, fetch) =>
      ollamaProvider({ name: 'fixture', baseURL: root, ...(fetch && { fetch }) }),
    lacks: ['image', 'citation'],
  },
  {
    name: 'cohere',
    // The other is of version 1.
    recordings: /^cohere\/.*\.sse$/,
    ...ways(sse, cohere),
    encode: encode(sse, () => cohere.encodeReply()),
    provider: (root, fetch) => cohereProvider({ ...options(fetch), baseURL: `${root}/v2` }),
    lacks: ['image'],
  },
  {
    name: 'bedrock',
    // Three are of Claude without Converse, which no provider here reads.
    recordings:
      /^bedrock\/(?!.*(with-content-tool-call-h2f4d4c5|fc-bedrock-anthropic|haiku-4-5-he240447))/,
    ...ways(amazon, bedrock),
    encode: encode(amazon, () => bedrock.encodeReply()),
    provider: (root, fetch) =>
      bedrockProvider({ ...options(fetch), region: 'us-east-1', baseURL: root }),
    lacks: [],
  },
]
