import type { ChatOptions, ChatResponse, Message } from 'ratatoskr'
import type { ReplyEncoder, SseFrame } from 'ratatoskr/dialects'
import * as anthropic from 'ratatoskr/dialects/anthropic'
import * as openaiChat from 'ratatoskr/dialects/openai-chat'
import * as openaiResponses from 'ratatoskr/dialects/openai-responses'
import type { Route } from '../server/route.ts'
import { encodeAnthropicError, encodeOpenaiError } from './encode-v1-error.ts'
import {
  anthropicExtras,
  openaiChatExtras,
  responsesExtras,
  type ExtraRules,
} from './extra-rules.ts'

/** A client's request, and how to answer it. */
export interface DecodedCall {
  messages: Message[]
  options: ChatOptions & { model: string }
  stream: boolean
  /** What has no unified form, or not all of it. */
  extra: { readonly [field: string]: unknown }
  encoder: () => ReplyEncoder
  whole: (response: ChatResponse) => unknown
}

/** A protocol of other clients, as the relay speaks it. */
export interface Protocol {
  path: string
  /** As providers name it. */
  dialect: string
  /** Throws a `RatatoskrError` where the body is not of the format. */
  decode: (body: unknown) => DecodedCall
  encodeError: Route['encodeError']
  extras: ExtraRules
  /** Its streams carry what a provider of the same dialect has without a unified form. */
  carriesProviderEvents: boolean
  /** Sent while the model is silent, where it is no comment. */
  ping?: SseFrame
}

/** The protocols of `/v1`. */
export const protocols: readonly Protocol[] = [
  {
    path: '/v1/chat/completions',
    dialect: 'openai-chat',
    decode(body) {
      const { reply, ...decoded } = openaiChat.decodeRequest(body)
      return {
        ...decoded,
        encoder: () => openaiChat.encodeReply(reply),
        whole: (response) => openaiChat.encodeResponse(response, reply),
      }
    },
    encodeError: encodeOpenaiError,
    extras: openaiChatExtras,
    carriesProviderEvents: false,
  },
  {
    path: '/v1/responses',
    dialect: 'openai-responses',
    decode(body) {
      const { reply, ...decoded } = openaiResponses.decodeRequest(body)
      return {
        ...decoded,
        encoder: () => openaiResponses.encodeReply(reply),
        whole: (response) => openaiResponses.encodeResponse(response, reply),
      }
    },
    encodeError: encodeOpenaiError,
    extras: responsesExtras,
    carriesProviderEvents: false,
  },
  {
    path: '/v1/messages',
    dialect: 'anthropic',
    decode(body) {
      const { reply, ...decoded } = anthropic.decodeRequest(body)
      return {
        ...decoded,
        encoder: () => anthropic.encodeReply(reply),
        whole: (response) => anthropic.encodeResponse(response, reply),
      }
    },
    encodeError: encodeAnthropicError,
    extras: anthropicExtras,
    carriesProviderEvents: true,
    ping: { event: 'ping', data: '{"type":"ping"}' },
  },
]
