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
  type ReplyDecoder,
} from '../src/dialects/index.ts'
import type { ErrorCode } from '../src/errors.ts'
import type { ChatEvent } from '../src/event.ts'
import {
  ChatEventDecoderStream,
  DecoderStream,
  JsonDecoderStream,
  NdjsonDecoderStream,
  SseDecoderStream,
} from '../src/streams/index.ts'
import { anthropic as anthropicProvider } from '../src/providers/anthropic.ts'
import { bedrock as bedrockProvider } from '../src/providers/bedrock.ts'
import { cohere as cohereProvider } from '../src/providers/cohere.ts'
import { google } from '../src/providers/google.ts'
import { ollama as ollamaProvider } from '../src/providers/ollama.ts'
import { httpProvider } from '../src/providers/http-provider.ts'
import { openaiResponses as openaiResponsesProvider } from '../src/providers/openai-responses.ts'
import { openaiCompatible } from '../src/providers/openai-compatible.ts'
import type { Provider } from '../src/provider.ts'
import type { Fetch } from '../src/transport/connect.ts'
import type { Decoder } from '../src/decoder.ts'
import type { TextFrame } from '../src/frames/text-frame.ts'
import type { ReplyEncoder } from '../src/dialects/reply-encoder.ts'
import { SseEncoder, type SseFrame } from '../src/frames/sse-encoder.ts'
import { wholeBody } from '../src/frames/whole-body.ts'
import type { ChatResponse } from '../src/response.ts'
import { anthropicTerminals } from './anthropic-terminals.ts'
import type { Carried, ChatEventsOptions } from './chat-events.ts'
import { geminiTerminals } from './gemini-terminals.ts'
import { openaiChatTerminals } from './openai-chat-terminals.ts'
import { openaiResponsesTerminals } from './openai-responses-terminals.ts'
import { amazonFrames } from './recordings.ts'
import { runDecoder } from './run-decoder.ts'

/** What the shared laws must know of a dialect. Adding one here is all it takes to test it. */
export interface DialectUnderTest {
  name: string
  /** The folder of its recordings. */
  wire: string
  /** Which files there are of this dialect. Default: streams of events and lines. */
  files?: RegExp
  /** There are more recordings than this. */
  fewestRecordings: number
  /** From the bytes of a body to events. */
  decoder: () => ReplyDecoder<Uint8Array>
  /** The same as a chain of public streams. */
  chain: (body: ReadableStream<Uint8Array>) => ReadableStream<ChatEvent>
  /** A provider of this dialect over the given `fetch`. */
  provider: (fetch: Fetch) => Provider
  /** The text of an uncut body's first so many events, put together without any decoder. */
  contentOf: (bytes: Uint8Array) => string
  /** How many calls an uncut body's first so many events have closed, found without any decoder. */
  closedCalls: (bytes: Uint8Array) => number
  /** The reply ends with the body, which is read to its end. */
  endsWithBody?: true
  /** The content type of its streams. */
  contentType: string
  /** The byte offsets at which each event of a body ends. */
  boundaries: (bytes: Uint8Array) => number[]
  /** By recording: the number of the event that makes it complete. */
  terminals: { readonly [recording: string]: number }
  /** By recording: the code with which it fails. */
  failures: { readonly [recording: string]: ErrorCode }
  /** A small complete reply of the project's own: text, reasoning, two calls, usage. */
  fixture: string | Uint8Array
  /** The way back, where the laws of it are not in the dialect's own tests. */
  bothWays?: {
    encoder: () => ReplyEncoder
    /** A whole reply's JSON, and from it to events; absent where the format always streams. */
    response?: (response: ChatResponse) => { [field: string]: unknown }
    whole?: () => ReplyDecoder<Uint8Array>
    toBytes: (frames: readonly SseFrame[]) => Uint8Array[]
    /** What the format carries. */
    carried: Carried
    /** Which sequences it is asked to carry. */
    options?: ChatEventsOptions
    /** Where the format has its events. Default: where they were. */
    rearranged?: (events: readonly ChatEvent[]) => ChatEvent[]
  }
}

const encoder = new TextEncoder()
/** A body of the project's own, as bytes. */
export function fixtureBytes(dialect: DialectUnderTest): Uint8Array {
  const { fixture } = dialect
  return typeof fixture === 'string' ? encoder.encode(fixture) : fixture
}

const anthropicFixture: readonly string[] = [
  '{"type":"message_start","message":{"id":"m1","model":"squirrel-2","content":[],"usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}}',
  '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
  '{"type":"ping"}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm 🤔"}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2lnbmVk"}}',
  '{"type":"content_block_stop","index":0}',
  '{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}',
  '{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Żółw — 松鼠 "}}',
  '{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"🐿️!"}}',
  '{"type":"content_block_stop","index":1}',
  '{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"a","name":"one","input":{}}}',
  '{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"x\\":"}}',
  '{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}',
  '{"type":"content_block_stop","index":2}',
  '{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"b","name":"two","input":{}}}',
  '{"type":"content_block_stop","index":3}',
  '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}',
  '{"type":"message_stop"}',
]

const geminiFixture: readonly string[] = [
  '{"candidates":[{"content":{"parts":[{"text":"Hm 🤔","thought":true}],"role":"model"}}],"modelVersion":"squirrel-5","responseId":"r1"}',
  '{"candidates":[{"content":{"parts":[{"text":"Żółw — 松鼠 "}],"role":"model"}}]}',
  '{"candidates":[{"content":{"parts":[{"text":"🐿️!","thoughtSignature":"c2lnbmVk"}],"role":"model"}}]}',
  '{"candidates":[{"content":{"parts":[{"functionCall":{"id":"a","name":"one","args":{"x":1}},"thoughtSignature":"c2lnbmVk"}],"role":"model"}}]}',
  '{"candidates":[{"content":{"parts":[{"functionCall":{"id":"b","name":"two"}}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":8}}',
]

export const dialects: readonly DialectUnderTest[] = [
  {
    name: 'openai-chat',
    wire: 'openai-chat',
    fewestRecordings: 25,
    decoder: () =>
      composeReply(
        new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(openaiChat.frame),
        openaiChat.decodeReply(),
      ),
    chain: (body) =>
      body
        .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
        .pipeThrough(new JsonDecoderStream(openaiChat.frame))
        .pipeThrough(new ChatEventDecoderStream(openaiChat.decodeReply())),
    provider: (fetch) => openaiCompatible({ name: 'test', baseURL: 'http://test.invalid', fetch }),
    contentOf: openaiChatContent,
    // A finish reason closes all of them, and completes the reply.
    closedCalls: () => 0,
    contentType: 'text/event-stream',
    boundaries: sseBoundaries,
    terminals: openaiChatTerminals,
    failures: {
      'pydantic-ai__groq-tool-use-failed-error-streaming-with-text': 'invalid_request',
      'pydantic-ai__openrouter-stream-error': 'invalid_request',
      'huggingface-js__cerebras-tape-b3cad22f': 'truncated',
    },
    fixture: [
      ': hello',
      '{"id":"r1","model":"squirrel-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}',
      '{"choices":[{"index":0,"delta":{"reasoning":"Hm 🤔"}}]}',
      '{"choices":[{"index":0,"delta":{"content":"Żółw — 松鼠 "}}]}',
      '{"choices":[{"index":0,"delta":{"content":"🐿️!"}}]}',
      '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":""}}]}}]}',
      '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"x\\":"}}]}}]}',
      '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}',
      '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"two"}}]}}]}',
      '{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
      '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}',
      '[DONE]',
    ]
      .map((data) => (data.startsWith(':') ? `${data}\n\n` : `data: ${data}\n\n`))
      .join(''),
  },
  {
    name: 'anthropic',
    wire: 'anthropic',
    fewestRecordings: 25,
    decoder: () =>
      composeReply(
        new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(anthropic.frame),
        anthropic.decodeReply(),
      ),
    chain: (body) =>
      body
        .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
        .pipeThrough(new JsonDecoderStream(anthropic.frame))
        .pipeThrough(new ChatEventDecoderStream(anthropic.decodeReply())),
    provider: (fetch) =>
      anthropicProvider({ apiKey: 'key', baseURL: 'http://test.invalid/v1', fetch }),
    contentOf: anthropicContent,
    closedCalls: anthropicClosedCalls,
    contentType: 'text/event-stream; charset=utf-8',
    boundaries: sseBoundaries,
    terminals: anthropicTerminals,
    failures: {
      'ruby_llm__anthropic-fc-anthropic-claude-3-5-haiku-20241022-multiturn-i1-h42233db':
        'overloaded',
    },
    fixture: anthropicFixture
      .map((data) => `event: ${/"type":"(\w+)"/.exec(data)?.[1]}\ndata: ${data}\n\n`)
      .join(''),
  },
  {
    name: 'ollama',
    wire: 'ollama',
    fewestRecordings: 5,
    decoder: () =>
      composeReply(new NdjsonDecoder(), new JsonDecoder(ollama.frame), ollama.decodeReply()),
    chain: (body) =>
      body
        .pipeThrough(new NdjsonDecoderStream())
        .pipeThrough(new JsonDecoderStream(ollama.frame))
        .pipeThrough(new ChatEventDecoderStream(ollama.decodeReply())),
    provider: (fetch) => ollamaProvider({ baseURL: 'http://test.invalid', fetch }),
    contentOf: (bytes) => ollamaLines(bytes, /"content":("(?:[^"\\]|\\.)*")/).join(''),
    closedCalls: (bytes) => ollamaLines(bytes, /"function":\{.*?"name":("[^"]*")/).length,
    contentType: 'application/x-ndjson',
    boundaries: lineBoundaries,
    terminals: {
      'llmrb__ollama-chat-llm-function-block-i1': 1,
      'llmrb__ollama-chat-llm-function-class': 2,
      'llmrb__ollama-chat-llm-function-empty-array': 109,
      'llmrb__ollama-chat-llm-function-multiple': 212,
      'llmrb__ollama-chat-llm-schema-array': 14,
      'openinference__ollama-chat-stream': 714,
    },
    failures: {},
    fixture: [
      '{"model":"squirrel-3:8b","message":{"role":"assistant","content":"","thinking":"Hm 🤔"},"done":false}',
      '{"message":{"role":"assistant","content":"Żółw — 松鼠 "},"done":false}',
      '{"message":{"role":"assistant","content":"🐿️!"},"done":false}',
      '{"message":{"role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"one","arguments":{"x":1}}}]},"done":false}',
      '{"message":{"role":"assistant","content":"","tool_calls":[{"id":"b","function":{"name":"two","arguments":{}}}]},"done":false}',
      '{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":5}',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  },
  {
    name: 'openai-responses',
    wire: 'openai-responses',
    fewestRecordings: 35,
    decoder: () =>
      composeReply(
        new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(openaiResponses.frame),
        openaiResponses.decodeReply(),
      ),
    chain: (body) =>
      body
        .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
        .pipeThrough(new JsonDecoderStream(openaiResponses.frame))
        .pipeThrough(new ChatEventDecoderStream(openaiResponses.decodeReply())),
    provider: (fetch) =>
      openaiResponsesProvider({ apiKey: 'key', baseURL: 'http://test.invalid/v1', fetch }),
    contentOf: (bytes) =>
      dataLines(bytes, /"response\.output_text\.delta"/)
        .map((event) => (event as { delta?: string }).delta ?? '')
        .join(''),
    closedCalls: (bytes) =>
      dataLines(bytes, /"response\.output_item\.done".*"(function|custom_tool)_call"/).length,
    contentType: 'text/event-stream; charset=utf-8',
    boundaries: sseBoundaries,
    terminals: openaiResponsesTerminals,
    failures: { 'vercel-ai__openai-error-1': 'permission' },
    fixture: [
      '{"type":"response.created","response":{"id":"r1","model":"squirrel-4","status":"in_progress","output":[]}}',
      '{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}',
      '{"type":"response.reasoning_summary_text.delta","output_index":0,"item_id":"rs","summary_index":0,"delta":"Hm 🤔"}',
      '{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","encrypted_content":"c2VjcmV0","summary":[{"type":"summary_text","text":"Hm 🤔"}]}}',
      '{"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"m","role":"assistant","content":[]}}',
      '{"type":"response.output_text.delta","output_index":1,"item_id":"m","content_index":0,"delta":"Żółw — 松鼠 "}',
      '{"type":"response.output_text.delta","output_index":1,"item_id":"m","content_index":0,"delta":"🐿️!"}',
      '{"type":"response.output_text.done","output_index":1,"item_id":"m","content_index":0,"text":"Żółw — 松鼠 🐿️!"}',
      '{"type":"response.output_item.done","output_index":1,"item":{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"Żółw — 松鼠 🐿️!"}]}}',
      '{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"f1","call_id":"a","name":"one","arguments":""}}',
      '{"type":"response.function_call_arguments.delta","output_index":2,"item_id":"f1","delta":"{\\"x\\":"}',
      '{"type":"response.function_call_arguments.delta","output_index":2,"item_id":"f1","delta":"1}"}',
      '{"type":"response.output_item.done","output_index":2,"item":{"type":"function_call","id":"f1","call_id":"a","name":"one","arguments":"{\\"x\\":1}"}}',
      '{"type":"response.output_item.added","output_index":3,"item":{"type":"function_call","id":"f2","call_id":"b","name":"two","arguments":""}}',
      '{"type":"response.output_item.done","output_index":3,"item":{"type":"function_call","id":"f2","call_id":"b","name":"two","arguments":"{}"}}',
      '{"type":"response.completed","response":{"id":"r1","status":"completed","usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}}}',
    ]
      .map((data) => `event: ${/"type":"([\w.]+)"/.exec(data)?.[1]}\ndata: ${data}\n\n`)
      .join(''),
    bothWays: {
      encoder: () => openaiResponses.encodeReply({ id: 'resp_1', model: 'm' }),
      response: (response) =>
        openaiResponses.encodeResponse(response, { id: 'resp_1', model: 'm' }),
      whole: () =>
        composeReply(
          wholeBody(),
          new JsonDecoder(openaiResponses.frame),
          openaiResponses.decodeReply(),
        ),
      toBytes: sseBytes,
      options: { custom: true },
      carried: {
        provider: null,
        image: (event) => (event.image.data === undefined ? undefined : event),
        citation({ type, citation: { url, title, documentId } }) {
          if (!url && !documentId) return undefined
          const source = url ? { url } : { documentId: documentId ?? '' }
          return { type, citation: { ...source, ...(title && { title }) } }
        },
        usage: ({ type, usage }) => ({
          type,
          usage: { reasoningTokens: 0, cachedTokens: 0, ...usage },
        }),
        done({ type, finishReason, rawFinishReason: raw = '' }) {
          const words = {
            stop: 'completed',
            tool_calls: 'completed',
            length: 'max_output_tokens',
            content_filter: 'content_filter',
            other: raw || 'other',
          }
          return {
            type,
            finishReason,
            rawFinishReason: words[finishReason],
            id: 'resp_1',
            model: 'm',
          }
        },
      },
    },
  },
  {
    name: 'gemini',
    wire: 'gemini',
    endsWithBody: true,
    fewestRecordings: 20,
    decoder: () => geminiDecoder(new SseDecoder({ keepDiscarded: true })),
    chain: (body) =>
      body
        .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
        .pipeThrough(new JsonDecoderStream(gemini.frame))
        .pipeThrough(new ChatEventDecoderStream(gemini.decodeReply())),
    provider: (fetch) => google({ apiKey: 'key', baseURL: 'http://test.invalid/v1', fetch }),
    contentOf: (bytes) => geminiParts(bytes, ({ text, thought }) => (thought ? '' : (text ?? ''))),
    closedCalls: (bytes) =>
      geminiParts(bytes, ({ functionCall: call }) => (call && !call.willContinue ? '.' : ''))
        .length,
    contentType: 'text/event-stream',
    boundaries: sseBoundaries,
    terminals: geminiTerminals,
    failures: {
      'vertexai-sdk-test-data__google-vertex-vertex-streaming-failure-empty-content': 'truncated',
      'vertexai-sdk-test-data__google-vertex-vertex-streaming-failure-error-mid-stream': 'api',
    },
    fixture: geminiFixture.map((data) => `data: ${data}\r\n\r\n`).join(''),
    bothWays: {
      encoder: () => gemini.encodeReply({ id: 'r1', model: 'm' }),
      response: (response) => gemini.encodeResponse(response, { id: 'r1', model: 'm' }),
      whole: () => geminiDecoder(new JsonArrayDecoder()),
      toBytes: sseBytes,
      carried: {
        provider: null,
        refusal: ({ text }) => ({ type: 'content', text }),
        citation({ type, citation: { url, title, text, documentId } }) {
          if (!url && !documentId) return undefined
          const name = title ? { title } : {}
          const passage = text ? { text } : {}
          return {
            type,
            citation: url
              ? { url, ...name }
              : { documentId: documentId ?? '', ...name, ...passage },
          }
        },
        usage({ type, usage }) {
          const { cost: _, cacheWriteTokens: __, ...counts } = usage
          return { type, usage: counts }
        },
        done({ type, finishReason, rawFinishReason: raw = '' }) {
          const words = {
            stop: 'STOP',
            tool_calls: 'STOP',
            length: 'MAX_TOKENS',
            content_filter: 'SAFETY',
            other: 'OTHER',
          }
          const rawFinishReason = /^[A-Z_]+$/.test(raw) ? raw : words[finishReason]
          return { type, finishReason, rawFinishReason, id: 'r1', model: 'm' }
        },
      },
      rearranged: geminiOrder,
    },
    files: /\.(sse|chunks\.jsonl)$/,
  },
  {
    name: 'gemini in a JSON array',
    wire: 'gemini',
    endsWithBody: true,
    files: /\.jsonarray$/,
    fewestRecordings: 3,
    decoder: () => geminiDecoder(new JsonArrayDecoder()),
    chain: (body) =>
      body
        .pipeThrough(new DecoderStream(new JsonArrayDecoder()))
        .pipeThrough(new JsonDecoderStream(gemini.frame))
        .pipeThrough(new ChatEventDecoderStream(gemini.decodeReply())),
    provider: (fetch) => google({ apiKey: 'key', baseURL: 'http://test.invalid/v1', fetch }),
    contentOf: (bytes) => geminiItems(bytes, ({ text, thought }) => (thought ? '' : (text ?? ''))),
    closedCalls: (bytes) =>
      geminiItems(bytes, ({ functionCall }) => (functionCall ? '.' : '')).length,
    contentType: 'application/json; charset=UTF-8',
    boundaries: itemBoundaries,
    terminals: {
      'llm-gemini__google-nested-model-optional': 3,
      'llm-gemini__google-prompt-h78ca1a4': 2,
      'llm-gemini__google-tools': 2,
      'openinference__google-vertex-gemini-token-counts-streaming-i1-he387573': 2,
    },
    failures: {},
    fixture: `[${geminiFixture.join(',\r\n')}\n]\n`,
  },
  {
    name: 'cohere',
    wire: 'cohere',
    // The other is of version 1.
    files: /\.sse$/,
    fewestRecordings: 4,
    decoder: () => cohereDecoder(new SseDecoder({ keepDiscarded: true })),
    chain: (body) =>
      body
        .pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
        .pipeThrough(new JsonDecoderStream(cohere.frame))
        .pipeThrough(new ChatEventDecoderStream(cohere.decodeReply())),
    provider: (fetch) =>
      cohereProvider({ apiKey: 'key', baseURL: 'http://test.invalid/v2', fetch }),
    contentOf: (bytes) =>
      dataLines(bytes, /"content-delta"/)
        .map((event) => (event as CohereEvent).delta?.message?.content?.text ?? '')
        .join(''),
    closedCalls: (bytes) => dataLines(bytes, /"tool-call-end"/).length,
    contentType: 'text/event-stream',
    boundaries: sseBoundaries,
    terminals: {
      'openllmetry__cohere-astream-with-events-with-no-content': 59,
      'openllmetry__cohere-v2-chat-legacy-with-tool-calls-and-streaming-async': 41,
      'ruby_llm__cohere-fc-cohere-command-a-03-2025-multiturn-i1': 26,
      'ruby_llm__cohere-fc-cohere-command-a-03-2025-noparam-multiturn-i2': 4,
      'ruby_llm__cohere-thinking-cohere-command-a-reasoning-08-2025': 2632,
    },
    failures: {},
    fixture: [
      '{"type":"message-start","id":"r1","delta":{"message":{"role":"assistant"}}}',
      '{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}',
      '{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"Hm 🤔"}}}}',
      '{"type":"content-end","index":0}',
      '{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}',
      '{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"Żółw — 松鼠 "}}}}',
      '{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"🐿️!"}}}}',
      '{"type":"content-end","index":1}',
      '{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"a","type":"function","function":{"name":"one","arguments":""}}}}}',
      '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\\"x\\":"}}}}}',
      '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"1}"}}}}}',
      '{"type":"tool-call-end","index":0}',
      '{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"b","type":"function","function":{"name":"two","arguments":""}}}}}',
      '{"type":"tool-call-end","index":1}',
      '{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"tokens":{"input_tokens":3,"output_tokens":5}}}}',
    ]
      .map((data) => `event: ${/"type":"([\w-]+)"/.exec(data)?.[1]}\ndata: ${data}\n\n`)
      .join(''),
    bothWays: {
      encoder: () => cohere.encodeReply({ id: 'r1' }),
      response: (response) => cohere.encodeResponse(response, { id: 'r1' }),
      whole: () => cohereDecoder(wholeBody()),
      toBytes: sseBytes,
      carried: {
        provider: null,
        image: null,
        refusal: ({ text }) => ({ type: 'content', text }),
        usage({ type, usage }) {
          const { cost: _, cacheWriteTokens: __, ...counts } = usage
          return { type, usage: counts }
        },
        done({ type, finishReason, rawFinishReason: raw = '' }) {
          const words = {
            stop: 'COMPLETE',
            tool_calls: 'TOOL_CALL',
            length: 'MAX_TOKENS',
            content_filter: 'CONTENT_FILTER',
            other: /^[A-Z_]+$/.test(raw) ? raw : 'OTHER',
          }
          const isFiltered = finishReason === 'content_filter'
          // Cohere has no such end; what its own reader knows not is another.
          const read = isFiltered ? 'other' : finishReason
          return { type, finishReason: read, rawFinishReason: words[finishReason], id: 'r1' }
        },
      },
    },
  },
  {
    name: 'bedrock',
    wire: 'bedrock',
    files:
      /^(?!.*(with-content-tool-call-h2f4d4c5|fc-bedrock-anthropic|haiku-4-5-he240447)).*\.(eventstream|chunks\.jsonl)$/,
    fewestRecordings: 14,
    decoder: () =>
      composeReply(
        new AwsEventStreamDecoder(),
        new JsonDecoder(bedrock.frame),
        bedrock.decodeReply(),
      ),
    chain: (body) =>
      body
        .pipeThrough(new DecoderStream(new AwsEventStreamDecoder()))
        .pipeThrough(new JsonDecoderStream(bedrock.frame))
        .pipeThrough(new ChatEventDecoderStream(bedrock.decodeReply())),
    provider: (fetch) => bedrockProvider({ region: 'us-east-1', apiKey: 'key', fetch }),
    contentOf: (bytes) => amazonMessages(bytes).map(amazonText).join(''),
    closedCalls: (bytes) => {
      const calls = new Set<number | undefined>()
      let closed = 0
      for (const { contentBlockStart: start, contentBlockStop: stop } of amazonMessages(bytes)) {
        const { type, name } = start?.start?.toolUse ?? {}
        if (name && type !== 'server_tool_use') calls.add(start?.contentBlockIndex)
        if (stop && calls.has(stop.contentBlockIndex)) closed += 1
      }
      return closed
    },
    contentType: 'application/vnd.amazon.eventstream',
    boundaries: amazonBoundaries,
    terminals: {
      'dd-trace-py__amazon-bedrock-cohere-invoke-stream-single-output': 11,
      'dd-trace-py__amazon-bedrock-meta-invoke-stream': 60,
      'dd-trace-py__amazon-invoke-stream': 1,
      'openllmetry__amazon-bedrock-titan-converse-stream': 4,
      'openllmetry__amazon-bedrock-titan-invoke-stream': 3,
      'otel-contrib__amazon-bedrock-converse-stream-close-before-consumption': 4,
      'otel-contrib__amazon-bedrock-converse-stream-no-content-tool-call': 59,
      'otel-contrib__amazon-bedrock-converse-stream-with-content-tool-call': 66,
      'otel-contrib__amazon-bedrock-invoke-model-with-response-stream-no-content-tool-call-amazon-no': 56,
      'pydantic-ai__amazon-bedrock-bedrock-model-stream-empty-text-delta': 9,
      'pydantic-ai__amazon-bedrock-bedrock-model-thinking-part-redacted-stream': 17,
      'pydantic-ai__amazon-bedrock-bedrock-model-thinking-part-stream-hb487d60': 553,
      'req_llm__amazon-bedrock-guardrail-converse-blocked-stream': 4,
      'ruby_llm__amazon-bedrock-thinking-bedrock-claude-haiku-4-5-h75b5cd5': 252,
      'ruby_llm__amazon-bedrock-web-search-with-bedrock-amazon-nova-2-lite-v1-0-streams-grounded-ha308414': 104,
      'vercel-ai__amazon-bedrock-json-tool-text-then-weather-then-json-1': 12,
      'vercel-ai__amazon-bedrock-json-with-tools-1': 12,
    },
    failures: { 'req_llm__amazon-bedrock-converse-stream-validation-exception': 'invalid_request' },
    fixture: amazonFrames([
      '{"messageStart":{"role":"assistant"}}',
      '{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm 🤔"}}}}',
      '{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2lnbmVk"}}}}',
      '{"contentBlockStop":{"contentBlockIndex":0}}',
      '{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"Żółw — 松鼠 "}}}',
      '{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"🐿️!"}}}',
      '{"contentBlockStop":{"contentBlockIndex":1}}',
      '{"contentBlockStart":{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"a","name":"one"}}}}',
      '{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\\"x\\":"}}}}',
      '{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"toolUse":{"input":"1}"}}}}',
      '{"contentBlockStop":{"contentBlockIndex":2}}',
      '{"contentBlockStart":{"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"b","name":"two"}}}}',
      '{"contentBlockStop":{"contentBlockIndex":3}}',
      '{"messageStop":{"stopReason":"tool_use"}}',
      '{"metadata":{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8}}}',
    ]),
    bothWays: {
      encoder: () => bedrock.encodeReply(),
      toBytes: (frames) => {
        const { output } = runDecoder<SseFrame, Uint8Array>(new AwsEventStreamEncoder(), frames)
        return output
      },
      carried: {
        provider: null,
        image: (event) => (event.image.data === undefined ? undefined : event),
        refusal: ({ text }) => ({ type: 'content', text }),
        citation({ type, citation: { url, title, text } }) {
          const source = { ...(url && { url }), ...(title && { title }), ...(text && { text }) }
          return { type, citation: source }
        },
        usage({ type, usage }) {
          const { cost: _, reasoningTokens: __, ...counts } = usage
          return { type, usage: counts }
        },
        done({ type, finishReason, rawFinishReason: raw = '' }) {
          const words = {
            stop: 'end_turn',
            tool_calls: 'tool_use',
            length: 'max_tokens',
            content_filter: 'content_filtered',
            other: /^[a-z_]+$/.test(raw) ? raw : 'other',
          }
          return { type, finishReason, rawFinishReason: words[finishReason] }
        },
      },
    },
  },
  {
    name: 'anthropic in Amazon’s frames',
    wire: 'bedrock',
    files:
      /(with-content-tool-call-h2f4d4c5|fc-bedrock-anthropic|haiku-4-5-he240447).*\.eventstream$/,
    fewestRecordings: 2,
    decoder: amazonClaude,
    chain: (body) =>
      body
        .pipeThrough(new DecoderStream(new AwsEventStreamDecoder()))
        .pipeThrough(new JsonDecoderStream(anthropic.frame))
        .pipeThrough(new ChatEventDecoderStream(anthropic.decodeReply())),
    provider: (fetch) =>
      httpProvider({
        name: 'claude',
        url: 'http://test.invalid',
        fetch,
        encodeRequest: (request) => anthropic.encodeRequest(request),
        decodeReply: amazonClaude,
      }),
    contentOf: (bytes) => anthropicContent(eventsOfAmazon(bytes)),
    closedCalls: (bytes) => anthropicClosedCalls(eventsOfAmazon(bytes)),
    contentType: 'application/vnd.amazon.eventstream',
    boundaries: amazonBoundaries,
    terminals: {
      'otel-contrib__amazon-bedrock-invoke-model-with-response-stream-with-content-tool-call-h2f4d4c5': 24,
      'ruby_llm__amazon-bedrock-fc-bedrock-anthropic-claude-3-5-haiku-20241022-v1-0-noparam-mult-i2-h42233db': 11,
      'ruby_llm__amazon-bedrock-thinking-bedrock-claude-haiku-4-5-he240447': 384,
    },
    failures: {},
    fixture: amazonFrames(
      anthropicFixture.map((data) =>
        JSON.stringify({ chunk: { bytes: Buffer.from(data).toString('base64') } }),
      ),
    ),
  },
]

function amazonClaude(): ReplyDecoder<Uint8Array> {
  return composeReply(
    new AwsEventStreamDecoder(),
    new JsonDecoder(anthropic.frame),
    anthropic.decodeReply(),
  )
}

/** Where each message of Amazon's ends: its length stands first. */
function amazonBoundaries(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ends: number[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    at += view.getUint32(at)
    ends.push(at)
  }
  return ends
}

/** What the messages hold: the payload is the JSON behind the headers. */
function amazonPayloads(bytes: Uint8Array): { name: string; payload: string }[] {
  let start = 0
  return amazonBoundaries(bytes).map((end) => {
    const text = Buffer.from(bytes.subarray(start, end)).toString('latin1')
    const headers = Buffer.from(bytes).readUInt32BE(start + 4)
    const raw = Buffer.from(bytes.subarray(start + 12 + headers, end - 4)).toString('utf8')
    const [, name = ''] = /:e(?:vent|xception)-type[^]{3}(\w+)/.exec(text) ?? []
    start = end
    return { name, payload: raw }
  })
}

interface AmazonMessage {
  contentBlockStart?: {
    contentBlockIndex?: number
    start?: { toolUse?: { name?: string; type?: string } }
  }
  contentBlockDelta?: { delta?: { text?: string } }
  contentBlockStop?: { contentBlockIndex?: number }
  outputText?: string
  generation?: string
  text?: string
  is_finished?: boolean
}

function unchunk(payload: string): string {
  const { bytes } = JSON.parse(payload) as { bytes: string }
  return Buffer.from(bytes, 'base64').toString('utf8')
}

function amazonMessages(bytes: Uint8Array): AmazonMessage[] {
  return amazonPayloads(bytes).map(({ name, payload }) =>
    name === 'chunk'
      ? (JSON.parse(unchunk(payload)) as AmazonMessage)
      : { [name]: JSON.parse(payload) as unknown },
  )
}

function amazonText(message: AmazonMessage): string {
  const { contentBlockDelta: delta, outputText, generation, text, is_finished } = message
  return delta?.delta?.text ?? outputText ?? generation ?? (is_finished ? '' : text) ?? ''
}

/** Anthropic's events, as they would stand in a body of their own. */
function eventsOfAmazon(bytes: Uint8Array): Uint8Array {
  const events = amazonPayloads(bytes).map(({ payload }) => `data: ${unchunk(payload)}\n\n`)
  return encoder.encode(events.join(''))
}

interface CohereEvent {
  delta?: { message?: { content?: { text?: string } } }
}

function cohereDecoder(frames: Decoder<Uint8Array, TextFrame>): ReplyDecoder<Uint8Array> {
  return composeReply(frames, new JsonDecoder(cohere.frame), cohere.decodeReply())
}

/** Calls where they end and only if they do; sources last; nothing but whole calls of functions. */
function geminiOrder(events: readonly ChatEvent[]): ChatEvent[] {
  const calls = new Map<number, ChatEvent[]>()
  const custom = new Set<number>()
  const isLast = ({ type }: ChatEvent): boolean => type === 'usage' || type === 'done'
  const made = events.flatMap((event): ChatEvent[] => {
    if (event.type === 'citation' || isLast(event)) return []
    if (!('index' in event)) return [event]
    if (event.type === 'tool_call_start' && event.kind) custom.add(event.index)
    if (custom.has(event.index)) return []
    const call = [...(calls.get(event.index) ?? []), event]
    calls.set(event.index, call)
    return event.type === 'tool_call_end' ? compact(call) : []
  })
  return [...made, ...events.filter(({ type }) => type === 'citation'), ...events.filter(isLast)]
}

/** A call whose arguments were an object on the way: their text is as short as can be. */
function compact(call: readonly ChatEvent[]): ChatEvent[] {
  const text = call
    .map((event) => (event.type === 'tool_call_delta' ? event.arguments : ''))
    .join('')
  const [start, end] = [call.at(0), call.at(-1)]
  if (start?.type !== 'tool_call_start' || end?.type !== 'tool_call_end') return []
  const args = JSON.stringify(JSON.parse(text.trim() || '{}'))
  const { index } = start
  return [start, { type: 'tool_call_delta', index, arguments: args }, end]
}

/** Gemini's decoder over frames of either kind. */
function geminiDecoder(frames: Decoder<Uint8Array, TextFrame>): ReplyDecoder<Uint8Array> {
  return composeReply(frames, new JsonDecoder(gemini.frame), gemini.decodeReply())
}

interface GeminiPart {
  text?: string
  thought?: boolean
  functionCall?: { willContinue?: boolean }
}

interface GeminiChunk {
  candidates?: { content?: { parts?: GeminiPart[] } }[]
}

/** What something says of each part, joined. */
function sayParts(chunks: readonly unknown[], say: (part: GeminiPart) => string): string {
  return chunks
    .flatMap((chunk) => (chunk as GeminiChunk).candidates ?? [])
    .flatMap(({ content }) => content?.parts ?? [])
    .map(say)
    .join('')
}

function geminiParts(bytes: Uint8Array, say: (part: GeminiPart) => string): string {
  return sayParts(dataLines(bytes, /"parts"/), say)
}

function geminiItems(bytes: Uint8Array, say: (part: GeminiPart) => string): string {
  const end = itemBoundaries(bytes).at(-1)
  const text = Buffer.from(bytes.subarray(0, end)).toString('utf8')
  return end === undefined ? '' : sayParts(JSON.parse(`${text}]`) as unknown[], say)
}

/** Where each object of an array ends: so far, and with a bracket more, it can be read. */
function itemBoundaries(bytes: Uint8Array): number[] {
  const text = Buffer.from(bytes).toString('latin1')
  return [...text.matchAll(/\}/g)].flatMap(({ index }) => {
    try {
      JSON.parse(`${text.slice(0, index + 1)}]`)
      return [index + 1]
    } catch {
      return []
    }
  })
}

/** Frames as the body of a response. */
function sseBytes(frames: readonly SseFrame[]): Uint8Array[] {
  return runDecoder<SseFrame, Uint8Array>(new SseEncoder(), frames).output
}

/** The data of the events that fit a pattern. */
function dataLines(bytes: Uint8Array, pattern: RegExp): unknown[] {
  const text = Buffer.from(bytes).toString('utf8')
  return [...text.matchAll(/^data: ?(\{.*)$/gm)].flatMap(([, data = '']) =>
    pattern.test(data) ? [JSON.parse(data) as unknown] : [],
  )
}

/** What a pattern finds in each line: JSON text, parsed. */
function ollamaLines(bytes: Uint8Array, pattern: RegExp): string[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [, found] = pattern.exec(line) ?? []
      return found === undefined ? [] : [JSON.parse(found) as string]
    })
}

/** Where each line ends. */
function lineBoundaries(bytes: Uint8Array): number[] {
  const text = Buffer.from(bytes).toString('latin1')
  return [...text.matchAll(/\n|[^\n]$/g)].map(({ index }) => index + 1)
}

interface AnthropicEvent {
  type?: string
  index?: number
  content_block?: { type?: string; text?: string }
  delta?: { text?: string; stop_reason?: string | null }
  message?: { content?: { type?: string }[] }
}

function anthropicEvents(bytes: Uint8Array): AnthropicEvent[] {
  const text = Buffer.from(bytes).toString('utf8')
  return [...text.matchAll(/^data: ?(\{.*)$/gm)].map(
    ([, data]) => JSON.parse(data ?? '') as AnthropicEvent,
  )
}

/** The text of all text blocks. */
function anthropicContent(bytes: Uint8Array): string {
  return anthropicEvents(bytes)
    .map(({ content_block: block, delta }) => (block?.type === 'text' ? block.text : delta?.text))
    .join('')
}

/** The blocks of calls that were stopped; none of the recordings stops one that is not whole. */
function anthropicClosedCalls(bytes: Uint8Array): number {
  const calls = new Set<number | undefined>()
  let closed = 0
  for (const { type, index, content_block: block, message } of anthropicEvents(bytes)) {
    if (block?.type === 'tool_use') calls.add(index)
    if (type === 'content_block_stop' && calls.has(index)) closed += 1
    closed += (message?.content ?? []).filter((whole) => whole.type === 'tool_use').length
  }
  return closed
}

/** The content of choice 0, by nothing but a search for the data lines. */
function openaiChatContent(bytes: Uint8Array): string {
  interface Loose {
    choices?: { index?: number; delta?: { content?: string | { text?: string }[] | null } }[]
  }
  let content = ''
  for (const [, data] of Buffer.from(bytes)
    .toString('utf8')
    .matchAll(/^data: ?(\{.*)$/gm)) {
    const chunk = JSON.parse(data ?? '') as Loose
    for (const { index, delta } of chunk.choices ?? []) {
      if ((index ?? 0) !== 0 || !delta?.content) continue
      if (typeof delta.content === 'string') content += delta.content
      else content += delta.content.map((part) => part.text ?? '').join('')
    }
  }
  return content
}

/** Where each server-sent event with data ends, found by searching, not by decoding. */
function sseBoundaries(bytes: Uint8Array): number[] {
  const text = Buffer.from(bytes).toString('latin1')
  const ends: number[] = []
  let start = 0
  for (const blank of text.matchAll(/(\r\n|\n|\r)(?:\r\n|\n|\r)+/g)) {
    const end = blank.index + blank[0].length
    if (/^data:/m.test(text.slice(start, end).replaceAll('\r', '\n'))) ends.push(end)
    start = end
  }
  return ends
}
