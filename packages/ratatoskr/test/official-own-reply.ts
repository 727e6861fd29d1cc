import { decodeReply } from '../src/dialects/anthropic/index.ts'
import type { ChatEvent } from '../src/event.ts'

const searchResult = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: [
    { type: 'web_search_result', url: 'https://o.example', title: 'O', encrypted_content: 'ZQ==' },
  ],
}

/** A reply that no provider sent: signed and redacted thinking, a server tool, citations, a call. */
const ownReply: readonly { [field: string]: unknown }[] = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      model: 'claude-x',
      content: [],
      usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 1 },
    },
  },
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'thinking', thinking: '', signature: '' },
  },
  {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'thinking_delta', thinking: 'Look it up.' },
  },
  {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'signature_delta', signature: 'c2lnbg==' },
  },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
  },
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
  },
  {
    type: 'content_block_delta',
    index: 2,
    delta: { type: 'input_json_delta', partial_json: '{"query":"otters"}' },
  },
  { type: 'content_block_stop', index: 2 },
  {
    type: 'content_block_start',
    index: 3,
    content_block: searchResult,
  },
  { type: 'content_block_stop', index: 3 },
  { type: 'content_block_start', index: 4, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 4, delta: { type: 'text_delta', text: 'Otters swim.' } },
  {
    type: 'content_block_delta',
    index: 4,
    delta: {
      type: 'citations_delta',
      citation: {
        type: 'web_search_result_location',
        cited_text: 'swim',
        url: 'https://o.example',
        title: 'O',
        encrypted_index: 'aW5kZXg=',
      },
    },
  },
  { type: 'content_block_stop', index: 4 },
  {
    type: 'content_block_start',
    index: 5,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  {
    type: 'content_block_delta',
    index: 5,
    delta: { type: 'input_json_delta', partial_json: '{"city":"Oslo"}' },
  },
  { type: 'content_block_stop', index: 5 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 50, server_tool_use: { web_search_requests: 1 } },
  },
  { type: 'message_stop' },
]

/** The blocks of that reply, as they must be given back. */
export const ownBlocks: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
  { type: 'thinking', thinking: 'Look it up.', signature: 'c2lnbg==' },
  { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'otters' } },
  searchResult,
  {
    type: 'text',
    text: 'Otters swim.',
    citations: [
      {
        type: 'web_search_result_location',
        cited_text: 'swim',
        url: 'https://o.example',
        title: 'O',
        encrypted_index: 'aW5kZXg=',
      },
    ],
  },
  { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
]

/** That reply, as events. */
export function decodeOwn(includeProviderEvents: boolean): ChatEvent[] {
  const decoder = decodeReply({ includeProviderEvents })
  const read: ChatEvent[] = []
  for (const chunk of ownReply) decoder.push(chunk, (event) => read.push(event))
  decoder.end((event) => read.push(event))
  return read
}
