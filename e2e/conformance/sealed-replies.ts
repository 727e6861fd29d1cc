// Replies with a call, and what the provider has signed or encrypted, as each service sends them.

import { AwsEventStreamEncoder } from 'ratatoskr/dialects'
import type { Dialect } from './dialects.ts'

export interface SealedReply {
  readonly contentType: string
  readonly bytes: () => Uint8Array
  /** The texts that the next request must hold. */
  readonly seals: readonly string[]
}

const seal = 'c2VhbGVkIGJ5IHRoZSBwcm92aWRlcg=='
const input = '{"city":"Oslo"}'

const sse = (events: readonly object[]): SealedReply => ({
  contentType: 'text/event-stream',
  bytes: () =>
    new TextEncoder().encode(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')),
  seals: [seal],
})

const geminiChunk = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          {
            functionCall: { name: 'get_weather', args: { city: 'Oslo' } },
            thoughtSignature: seal,
          },
        ],
      },
      finishReason: 'STOP',
    },
  ],
}

const item = { type: 'reasoning', id: 'rs_1', encrypted_content: seal, summary: [] }
const call = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'get_weather',
  arguments: input,
}

/** By dialect; Ollama seals nothing. */
export const sealedReplies: { readonly [name in Dialect['name']]?: SealedReply } = {
  'openai-chat': sse([
    {
      choices: [
        {
          index: 0,
          delta: {
            reasoning: 'Hm.',
            reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: seal, index: 0 }],
          },
        },
      ],
    },
    {
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              { index: 0, id: 'call_1', function: { name: 'get_weather', arguments: input } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    },
  ]),
  'openai-responses': sse([
    { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
    { type: 'response.output_item.done', output_index: 1, item: call },
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed' } },
  ]),
  gemini: sse([geminiChunk]),
  'gemini as a JSON array': {
    ...sse([]),
    contentType: 'application/json',
    bytes: () => new TextEncoder().encode(JSON.stringify([geminiChunk])),
  },
  cohere: {
    ...sse([
      { type: 'message-start', id: 'r1', delta: { message: { role: 'assistant' } } },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will look.' } } },
      {
        type: 'tool-call-start',
        index: 0,
        delta: {
          message: {
            tool_calls: { id: 'c1', function: { name: 'get_weather', arguments: input } },
          },
        },
      },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } },
    ]),
    seals: ['I will look.'],
  },
  bedrock: {
    contentType: 'application/vnd.amazon.eventstream',
    bytes: () =>
      amazon([
        { messageStart: { role: 'assistant' } },
        block(0, { reasoningContent: { text: 'Hm.' } }),
        block(0, { reasoningContent: { signature: seal } }),
        { contentBlockStop: { contentBlockIndex: 0 } },
        {
          contentBlockStart: {
            contentBlockIndex: 1,
            start: { toolUse: { toolUseId: 'c1', name: 'get_weather' } },
          },
        },
        block(1, { toolUse: { input } }),
        { contentBlockStop: { contentBlockIndex: 1 } },
        { messageStop: { stopReason: 'tool_use' } },
        { metadata: { usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } } },
      ]),
    seals: [seal],
  },
}

function block(contentBlockIndex: number, delta: object): object {
  return { contentBlockDelta: { contentBlockIndex, delta } }
}

function amazon(events: readonly object[]): Uint8Array {
  const bytes: number[] = []
  const encoder = new AwsEventStreamEncoder()
  for (const event of events) {
    encoder.push({ data: JSON.stringify(event) }, (message) => bytes.push(...message))
  }
  return Uint8Array.from(bytes)
}
