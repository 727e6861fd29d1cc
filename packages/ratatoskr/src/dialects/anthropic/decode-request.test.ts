import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { recordingFetch } from '../../../test/recording-fetch.ts'
import { checkRequest } from '../../check-request.ts'
import { isRatatoskrError, type RatatoskrError } from '../../errors.ts'
import { createGateway } from '../../gateway.ts'
import type { Message, UserPart } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { anthropic } from '../../providers/anthropic.ts'
import { openai } from '../../providers/openai.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

const model = 'claude-sonnet-5'
const hello = [{ role: 'user', content: 'Hello' }]
const body = (fields: Json = {}): Json => ({ model, max_tokens: 100, messages: hello, ...fields })
const decode = (fields: Json): ReturnType<typeof decodeRequest> =>
  decodeRequest(deepFreeze(body(fields)))
const messages = (...sent: Json[]): Message[] => decode({ messages: sent }).messages

/** What one block of a user's message becomes. */
const part = (block: Json): unknown => {
  const [message] = messages({ role: 'user', content: [block] })
  return Array.isArray(message?.content) ? (message.content as unknown[])[0] : message?.content
}
/** The options besides those that every request has. */
const options = (fields: Json): Json => {
  const { model: _, maxTokens: __, ...rest } = decode(fields).options
  return rest
}
const plainJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

test('a small request', () => {
  expect(decode({})).toStrictEqual({
    messages: [{ role: 'user', content: 'Hello' }],
    options: { model, maxTokens: 100 },
    stream: false,
    extra: {},
    reply: { model },
  })
  expect(decode({ stream: true }).stream).toBe(true)
  expect(decode({ stream: null }).stream).toBe(false)
})

describe('messages', () => {
  test('instructions, of a text or of blocks', () => {
    expect(decode({ system: 'a' }).messages[0]).toStrictEqual({ role: 'system', content: 'a' })
    const blocks = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', cache_control: null },
    ]
    expect(decode({ system: blocks }).messages.slice(0, 2)).toStrictEqual([
      { role: 'system', content: 'a' },
      { role: 'system', content: 'b' },
    ])
    expect(decode({ system: '' }).messages).toHaveLength(1)
    expect(messages({ role: 'system', content: 'a' }, ...hello)).toStrictEqual([
      { role: 'system', content: 'a' },
      { role: 'user', content: 'Hello' },
    ])
  })

  test.each<[Json, unknown]>([
    [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'a' },
    ],
    [
      { type: 'image', source: { type: 'url', url: 'https://a.example' } },
      { type: 'image', url: 'https://a.example' },
    ],
    [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'YQ==' } },
      { type: 'image', data: 'YQ==', mediaType: 'image/png' },
    ],
    [
      { type: 'document', source: { type: 'url', url: 'https://a.example' } },
      { type: 'file', url: 'https://a.example' },
    ],
    [
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'YQ==' },
        title: 'a.pdf',
        citations: { enabled: true },
      },
      {
        type: 'file',
        data: 'YQ==',
        mediaType: 'application/pdf',
        filename: 'a.pdf',
        citations: true,
      },
    ],
    [
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: '松鼠' },
        title: null,
        citations: null,
      },
      { type: 'file', data: Buffer.from('松鼠').toString('base64'), mediaType: 'text/plain' },
    ],
    [
      { type: 'document', source: { type: 'text', data: 'a' }, citations: { enabled: false } },
      { type: 'file', data: 'YQ==', mediaType: 'text/plain' },
    ],
  ])('a user’s block %j', (sent, expected) => {
    expect(part(sent)).toStrictEqual(expected)
  })

  test('results of tools are messages of their own, in order', () => {
    expect(
      messages({
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'tool_result', tool_use_id: 'x', content: 'one' },
          {
            type: 'tool_result',
            tool_use_id: 'y',
            is_error: true,
            content: [{ type: 'text', text: 'two' }],
          },
          { type: 'tool_result', tool_use_id: 'z' },
          { type: 'text', text: 'b' },
        ],
      }),
    ).toStrictEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'tool', toolCallId: 'x', content: 'one' },
      { role: 'tool', toolCallId: 'y', content: [{ type: 'text', text: 'two' }], isError: true },
      { role: 'tool', toolCallId: 'z', content: [] },
      { role: 'user', content: [{ type: 'text', text: 'b' }] },
    ])
  })

  test('what the model said, thought and called', () => {
    const [message] = messages({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: '' },
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
        // Names that valibot leaves out of a copy.
        {
          type: 'tool_use',
          id: 'x',
          name: 'f',
          input: { constructor: 1, prototype: [2], ok: null },
        },
      ],
    })
    expect(message).toStrictEqual({
      role: 'assistant',
      content: 'ab',
      reasoning: 'Hm',
      toolCalls: [{ id: 'x', name: 'f', arguments: '{"constructor":1,"prototype":[2],"ok":null}' }],
    })
  })

  test('what only this format knows is kept for it', () => {
    const [message] = messages({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 'x' },
        { type: 'something_new', more: [1] },
      ],
    })
    expect(message).toMatchObject({ role: 'assistant', content: '', reasoning: 'Hm' })
    expect(message).toHaveProperty('continuation.dialect', 'anthropic')
    // Marks have places of their own, and there may be four of them.
    const cache_control = { type: 'ephemeral' }
    const marked = ['something_new', 'server_tool_use'].map((type) => ({ type, cache_control }))
    const kept = messages({ role: 'assistant', content: marked })
    expect(JSON.stringify(kept)).toContain('something_new')
    expect(JSON.stringify(kept)).not.toContain('cache_control')
  })
})

describe('options', () => {
  const tool = { name: 'f', input_schema: { type: 'object' } }
  const tools = [{ name: 'f', parameters: { type: 'object' } }]
  test.each<[Json, Json]>([
    [
      { temperature: 0, top_p: 0.5, top_k: 7 },
      { temperature: 0, topP: 0.5, topK: 7 },
    ],
    [{ temperature: null, top_p: null, top_k: null, stop_sequences: null, tools: null }, {}],
    [{ stop_sequences: ['END'] }, { stop: ['END'] }],
    [{ stop_sequences: [] }, {}],
    [{ tools: [] }, {}],
    [
      { tools: [{ ...tool, type: 'custom', description: 'd', strict: true }] },
      { tools: [{ ...tools[0], description: 'd', strict: true }] },
    ],
    [{ tools: [{ ...tool, type: null, description: null, strict: null }] }, { tools }],
    [
      { tools: [tool], tool_choice: { type: 'auto' } },
      { tools, toolChoice: 'auto' },
    ],
    [
      { tools: [tool], tool_choice: { type: 'any' } },
      { tools, toolChoice: 'required' },
    ],
    [
      { tools: [tool], tool_choice: { type: 'none' } },
      { tools, toolChoice: 'none' },
    ],
    [
      { tools: [tool], tool_choice: { type: 'tool', name: 'f' } },
      { tools, toolChoice: { name: 'f' } },
    ],
    [
      { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      { tools, toolChoice: 'auto', parallelToolCalls: false },
    ],
    [{ thinking: { type: 'disabled' } }, { reasoning: { effort: 'none' } }],
    [{ thinking: { type: 'adaptive' } }, { reasoning: {} }],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { reasoning: { exclude: true } }],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { reasoning: { maxTokens: 2000 } }],
    [{ output_config: { effort: 'low' } }, { reasoning: { effort: 'low' } }],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } },
      { reasoning: { effort: 'xhigh' } },
    ],
    [
      { output_config: { format: { type: 'json_schema', schema: { constructor: 1 } } } },
      { responseFormat: { type: 'json_schema', schema: { constructor: 1 } } },
    ],
    [{ cache_control: { type: 'ephemeral' } }, { cachePrompt: true }],
    [
      { system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] },
      { cachePrompt: true },
    ],
    [{ tools: [{ ...tool, cache_control: { type: 'ephemeral' } }] }, { tools, cachePrompt: true }],
    [
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
          },
        ],
      },
      { cachePrompt: true },
    ],
    [
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'x',
                content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
              },
            ],
          },
        ],
      },
      { cachePrompt: true },
    ],
    [{ cache_control: null }, {}],
  ])('%j', (sent, expected) => {
    expect(options(sent)).toStrictEqual(expected)
  })

  test('a name in a tool’s input or schema is no mark', () => {
    const input = { cache_control: { type: 'ephemeral' }, content: [{ cache_control: 1 }] }
    const call = { type: 'tool_use', id: 'x', name: 'f', input }
    expect(options({ messages: [{ role: 'assistant', content: [call] }] })).toStrictEqual({})
    const schema = { type: 'object', properties: { cache_control: { type: 'string' } } }
    expect(options({ tools: [{ name: 'f', input_schema: schema }] })).not.toHaveProperty(
      'cachePrompt',
    )
  })

  test('server tools and more than a tool’s own fields stand in `extra` as they were sent', () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }
    expect(decode({ tools: [tool, search] })).toMatchObject({
      options: { tools },
      extra: { tools: [tool, search] },
    })
    const deferred = { ...tool, defer_loading: true }
    expect(decode({ tools: [deferred] })).toMatchObject({
      options: { tools },
      extra: { tools: [deferred] },
    })
    expect(decode({ tools: [tool] }).extra).toStrictEqual({})
    const choice = { type: 'tool', name: 'web_search' }
    const chosen = decode({ tools: [search], tool_choice: choice })
    expect(chosen.extra).toMatchObject({ tools: [search], tool_choice: choice })
    expect(chosen.options.toolChoice).toBeUndefined()
  })

  test('fields that nobody knows stand in `extra` as they were sent', () => {
    const extra = {
      metadata: { user_id: 'u' },
      service_tier: 'auto',
      container: 'c',
      mcp_servers: [{ url: 'x' }],
      x: { y: [null] },
    }
    expect(decode(extra).extra).toStrictEqual(extra)
  })

  test('none of the fields that a provider refuses', () => {
    const { extra } = decode({ stream: true, system: 'a', thinking: { type: 'between_tools' } })
    for (const field of ['stream', 'model', 'messages', 'max_tokens', 'system']) {
      expect(extra).not.toHaveProperty(field)
    }
  })
})

/** What a body says, in one form of each thing that has several, and without what says nothing. */
function meaning(sent: Json): Json {
  const { stream: _, ...rest } = plainJson(sent)
  const blocksIn = (content: unknown): Json[] =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : ((content ?? []) as Json[])
  const isDirect = (block: Json): boolean => (block['caller'] as Json)?.['type'] === 'direct'
  const blocks = (content: unknown): Json[] =>
    blocksIn(content).flatMap((block) => {
      const { cache_control: __, ...own } = block
      if (block['type'] === 'text' && !block['text']) return []
      // Only the model's own can be given back.
      if (block['type'] === 'thinking' && !block['signature']) return []
      if (isDirect(own)) delete own['caller']
      if (own['is_error'] === false) delete own['is_error']
      const citations = own['citations'] as Json | undefined
      if (citations?.['enabled'] === false || (Array.isArray(citations) && !citations[0]))
        delete own['citations']
      return [block['type'] === 'tool_result' ? { ...own, content: blocks(block['content']) } : own]
    })
  interface Turn {
    role: unknown
    content: Json[]
  }
  const turns: Turn[] = []
  for (const { role, content } of (rest['messages'] ?? []) as Json[]) {
    const last = turns.at(-1)
    const turn: Turn = last && last.role === role ? last : { role, content: [] }
    if (turn !== last) turns.push(turn)
    for (const block of blocks(content)) {
      const before = turn.content.at(-1)
      const isPlain = (each?: Json): boolean => each?.['type'] === 'text' && !each['citations']
      // Neighbours of plain text read as one.
      if (role === 'assistant' && isPlain(before) && isPlain(block))
        turn.content[turn.content.length - 1] = {
          type: 'text',
          text: `${String(before?.['text'])}${String(block['text'])}`,
        }
      else turn.content.push(block)
    }
  }
  const tools = ((rest['tools'] ?? []) as Json[]).map(({ cache_control: __, type, ...tool }) =>
    dropNothing({ ...tool, type: type === 'custom' ? null : type }),
  )
  const { disable_parallel_tool_use: alone, ...choice } = (rest['tool_choice'] ?? {}) as Json
  return dropNothing({
    ...rest,
    messages: turns.map(({ role, content }) => ({ role, content: content.map(dropNothing) })),
    system: blocks(rest['system']),
    tools,
    tool_choice: { ...choice, ...(alone === true && { disable_parallel_tool_use: true }) },
  })
}

/** Without fields that are null, or empty lists or objects. */
function dropNothing(fields: Json): Json {
  const says = ([, value]: [string, unknown]): boolean =>
    value !== null && value !== undefined && !/^(\[\]|\{\})$/.test(JSON.stringify(value))
  return Object.fromEntries(Object.entries(fields).filter(says))
}

const again = (sent: Json): Json => {
  const {
    messages: decoded,
    options: wanted,
    extra,
  } = decodeRequest(deepFreeze(structuredClone(sent)))
  checkRequest(decoded, { ...wanted, providerOptions: extra })
  return encodeRequest({
    model: wanted.model,
    messages: deepFreeze(decoded),
    options: { ...wanted, providerOptions: extra },
  })
}

describe('decoded and encoded again, a body means the same', () => {
  const user = (...content: Json[]): Json => ({ role: 'user', content })
  const assistant = (...content: Json[]): Json => ({ role: 'assistant', content })
  const text = (words: string): Json => ({ type: 'text', text: words })
  const call = (id: string, fields: Json = {}): Json => ({
    type: 'tool_use',
    id,
    name: 'f',
    input: { x: 1 },
    ...fields,
  })
  const result = (id: string, fields: Json = {}): Json => ({
    type: 'tool_result',
    tool_use_id: id,
    ...fields,
  })
  const thinking = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }
  const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } }
  const found = {
    type: 'web_search_tool_result',
    tool_use_id: 's',
    content: [{ url: 'x', encrypted_content: 'y' }],
  }
  const tool = {
    name: 'f',
    description: 'd',
    input_schema: { type: 'object', properties: { x: {} }, required: ['x'] },
  }
  const marked = { cache_control: { type: 'ephemeral', ttl: '1h' } }
  const png = { type: 'base64', media_type: 'image/png', data: 'YQ==' }
  const serverTool = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }

  const bodies: [string, Json][] = [
    ['a text', {}],
    ['instructions as text', { system: 'a' }],
    ['instructions as blocks, marked', { system: [text('a'), { ...text('b'), ...marked }] }],
    [
      'several turns, and neighbours',
      {
        messages: [
          ...hello,
          user(text('a'), text('b')),
          { role: 'assistant', content: 'c' },
          user(text('d')),
        ],
      },
    ],
    ['a prefilled answer', { messages: [...hello, { role: 'assistant', content: 'The' }] }],
    [
      'images and documents',
      {
        messages: [
          user(
            { type: 'image', source: png },
            { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' }, ...marked },
            { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'YQ==' },
              title: 'a',
              citations: { enabled: true },
            },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'Żółw — 松鼠 🐿️' },
              citations: { enabled: false },
            },
          ),
        ],
      },
    ],
    [
      'a loop of tools',
      {
        tools: [tool],
        messages: [
          ...hello,
          assistant(text('a'), call('x'), call('y', { input: {} })),
          user(
            result('x', { content: 'one' }),
            result('y', { content: [text('two'), { type: 'image', source: png }], is_error: true }),
            text('b'),
          ),
          assistant(call('z')),
          user(result('z')),
        ],
      },
    ],
    [
      'signed thinking',
      { messages: [...hello, assistant(thinking, call('x')), user(result('x', { content: 'a' }))] },
    ],
    [
      'thinking that was not shown',
      { messages: [...hello, assistant({ ...thinking, thinking: '' }, text('a'))] },
    ],
    [
      'thinking between calls',
      {
        messages: [
          ...hello,
          assistant(thinking, call('x'), { type: 'redacted_thinking', data: 'y' }, call('z')),
        ],
      },
    ],
    [
      'unsigned thinking',
      { messages: [...hello, assistant({ ...thinking, signature: '' }, text('a'))] },
    ],
    [
      'server tools',
      { tools: [serverTool], messages: [...hello, assistant(text('a'), search, found, text('b'))] },
    ],
    [
      'cited text',
      {
        messages: [
          ...hello,
          assistant(
            {
              ...text('a'),
              citations: [
                {
                  type: 'char_location',
                  cited_text: 'x',
                  document_index: 0,
                  document_title: null,
                  start_char_index: 0,
                  end_char_index: 1,
                },
              ],
            },
            text('b'),
          ),
        ],
      },
    ],
    [
      'a call by a program',
      {
        container: 'c',
        messages: [
          ...hello,
          assistant(
            search,
            call('x', { caller: { type: 'code_execution_20250825', tool_id: 's' } }),
          ),
          user(result('x', { content: 'a' })),
        ],
      },
    ],
    [
      'a direct call',
      { messages: [...hello, assistant(call('x', { caller: { type: 'direct' } }))] },
    ],
    [
      'a compaction',
      {
        messages: [
          ...hello,
          assistant({ type: 'compaction', content: 'So far.' }, text('a')),
          user(text('b')),
        ],
      },
    ],
    [
      'blocks that nobody knows',
      {
        messages: [...hello, assistant({ type: 'something_new', more: { deep: [1] } }, text('a'))],
      },
    ],
    ['tools', { tools: [tool, { ...tool, name: 'g', strict: true, type: 'custom', ...marked }] }],
    [
      'more about tools',
      {
        tools: [
          { ...tool, defer_loading: true, input_examples: [{ x: 1 }], allowed_callers: ['direct'] },
        ],
      },
    ],
    [
      'server tools beside ours',
      {
        tools: [tool, serverTool, { type: 'mcp_toolset', mcp_server_name: 'm' }],
        mcp_servers: [{ type: 'url', url: 'x', name: 'm' }],
      },
    ],
    [
      'a schema with odd names',
      {
        tools: [
          {
            name: 'f',
            input_schema: {
              type: 'object',
              constructor: {},
              prototype: {},
              $defs: { constructor: {} },
            },
          },
        ],
      },
    ],
    ...(['auto', 'any', 'none'] as const).map((type): [string, Json] => [
      `tool_choice ${type}`,
      { tools: [tool], tool_choice: { type } },
    ]),
    ['tool_choice of one', { tools: [tool], tool_choice: { type: 'tool', name: 'f' } }],
    ...(['auto', 'any', 'tool'] as const).map((type): [string, Json] => [
      `tool_choice ${type}, one at a time`,
      {
        tools: [tool],
        tool_choice: {
          type,
          ...(type === 'tool' && { name: 'f' }),
          disable_parallel_tool_use: true,
        },
      },
    ]),
    [
      'tool_choice with nothing said',
      { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: false } },
    ],
    ['tool_choice none of server tools', { tools: [serverTool], tool_choice: { type: 'none' } }],
    [
      'tool_choice any of server tools',
      { tools: [serverTool], tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    ],
    [
      'tool_choice of a server tool',
      {
        tools: [serverTool, tool],
        tool_choice: { type: 'tool', name: 'web_search', disable_parallel_tool_use: true },
      },
    ],
    [
      'one at a time of server tools',
      { tools: [serverTool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    ],
    ...['low', 'medium', 'high', 'xhigh', 'max'].flatMap((effort) =>
      [model, 'claude-opus-4-5', 'claude-sonnet-4-5'].flatMap((name): [string, Json][] => [
        [`effort ${effort} alone, of ${name}`, { model: name, output_config: { effort } }],
        [
          `effort ${effort} and adaptive thinking, of ${name}`,
          { model: name, thinking: { type: 'adaptive' }, output_config: { effort } },
        ],
        [
          `effort ${effort} and a budget, of ${name}`,
          {
            model: name,
            max_tokens: 9000,
            thinking: { type: 'enabled', budget_tokens: 2000 },
            output_config: { effort },
          },
        ],
        [
          `effort ${effort} and no thinking, of ${name}`,
          { model: name, thinking: { type: 'disabled' }, output_config: { effort } },
        ],
      ]),
    ),
    ...['adaptive', 'enabled'].flatMap((type) =>
      ['summarized', 'omitted', null].map((display): [string, Json] => [
        `thinking ${type}, ${display}`,
        {
          max_tokens: 9000,
          thinking: { type, display, ...(type === 'enabled' && { budget_tokens: 1024 }) },
        },
      ]),
    ),
    ['thinking disabled', { thinking: { type: 'disabled' } }],
    ['thinking between tools', { thinking: { type: 'between_tools' } }],
    [
      'a schema of the answer',
      {
        output_config: {
          format: {
            type: 'json_schema',
            schema: { type: 'object', properties: { constructor: {} } },
          },
        },
      },
    ],
    [
      'a schema and an effort',
      {
        output_config: {
          effort: 'low',
          format: { type: 'json_schema', schema: { type: 'object' } },
        },
      },
    ],
    [
      'a schema and something new',
      {
        output_config: {
          task_budget: { total: 7 },
          format: { type: 'json_schema', schema: { type: 'object' } },
        },
      },
    ],
    [
      'numbers',
      { temperature: 0.5, top_p: 0.25, top_k: 40, stop_sequences: ['a', 'b'], max_tokens: 1 },
    ],
    [
      'null',
      {
        temperature: null,
        top_p: null,
        top_k: null,
        stop_sequences: null,
        tools: null,
        tool_choice: null,
        thinking: null,
        output_config: null,
        system: null,
        container: null,
      },
    ],
    [
      'the rest',
      {
        metadata: { user_id: 'u' },
        service_tier: 'auto',
        container: { id: 'c', skills: [] },
        inference_geo: 'us',
        speed: 'fast',
        context_management: { edits: [{ type: 'x' }] },
      },
    ],
    ['a mark at the top', { cache_control: { type: 'ephemeral', ttl: '1h' } }],
  ]

  test.each(bodies)('%s', (_, fields) => {
    expect(meaning(again(body(fields)))).toEqual(meaning(body(fields)))
  })

  test('also when a server keeps the message as JSON', () => {
    for (const [, fields] of bodies) {
      const { messages: decoded, options: wanted, extra } = decodeRequest(body(fields))
      const stored = plainJson({ decoded })['decoded'] as Message[]
      const request = { model, options: { ...wanted, providerOptions: extra } }
      expect(plainJson(encodeRequest({ ...request, messages: stored }))).toEqual(
        plainJson(encodeRequest({ ...request, messages: decoded })),
      )
    }
  })

  test('through a gateway to another dialect, what has no form there is left out', async () => {
    const { fetch, calls } = recordingFetch()
    const gateway = createGateway({ providers: [openai({ apiKey: 'key', fetch })] })
    const sent = [
      ...hello,
      assistant(thinking, text('a'), call('x')),
      user(result('x', { content: 'b' })),
    ]
    const { messages: decoded, options: wanted } = decodeRequest(
      body({ messages: sent, tools: [tool] }),
    )
    await gateway.chat(decoded, wanted)
    expect(calls[0]?.body['messages']).toMatchObject([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'a', tool_calls: [{ id: 'x' }] },
      { role: 'tool', tool_call_id: 'x', content: 'b' },
    ])
    expect(JSON.stringify(calls[0]?.body)).not.toContain('c2ln')
  })

  test('through a gateway to its own', async () => {
    const { fetch, calls } = recordingFetch(() =>
      Response.json({ type: 'message', content: [], stop_reason: 'end_turn' }),
    )
    const gateway = createGateway({ providers: [anthropic({ apiKey: 'key', fetch })] })
    for (const [name, fields] of bodies) {
      calls.length = 0
      const { messages: decoded, options: wanted, extra } = decodeRequest(body(fields))
      await gateway.chat(decoded, { ...wanted, providerOptions: extra })
      expect(meaning(calls[0]?.body ?? {}), name).toEqual(meaning(body(fields)))
    }
  })
})

describe('encoded and decoded again, a request is the same', () => {
  const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
    fc.option(value, { nil: undefined })
  const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const said = words.filter((each) => each.trim() !== '')
  const ids = fc.stringMatching(/^[\w-]{1,9}$/)
  // There is no -0 in JSON.
  const inputs = fc.dictionary(words, fc.jsonValue({ maxDepth: 2 })).map(plainJson)
  const texts = words.map((each) => ({ type: 'text' as const, text: each }))
  const base64 = fc.base64String({ minLength: 4, maxLength: 8 })
  const images = fc.oneof(
    fc.webUrl().map((url) => ({ type: 'image' as const, url })),
    base64.map((data) => ({ type: 'image' as const, data, mediaType: 'image/png' })),
  )
  const files = fc
    .record({
      source: fc.oneof(
        fc.webUrl().map((url) => ({ url })),
        base64.map((data) => ({ data, mediaType: 'application/pdf' })),
        words.map((each) => ({
          data: Buffer.from(each).toString('base64'),
          mediaType: 'text/plain',
        })),
      ),
      filename: maybe(words),
      citations: fc.boolean(),
    })
    .map(({ source, filename, citations }) => ({
      type: 'file' as const,
      ...source,
      ...(filename !== undefined && { filename }),
      ...(citations && { citations }),
    }))
  const userMessage = fc
    .array(fc.oneof(texts, images, files) as fc.Arbitrary<UserPart>, { minLength: 1, maxLength: 3 })
    .map((content): Message => ({ role: 'user', content }))
  /** What the model said, and perhaps the results of its calls. */
  const turn = fc
    .record({
      content: said,
      calls: fc.uniqueArray(
        fc.record({
          id: ids,
          name: ids,
          input: inputs,
          result: fc.array(fc.oneof(texts, images), { maxLength: 2 }),
          isError: fc.boolean(),
        }),
        { maxLength: 2, selector: ({ id }) => id },
      ),
    })
    .map(({ content, calls }): Message[] => [
      {
        role: 'assistant',
        content,
        ...(calls[0] && {
          toolCalls: calls.map(({ id, name, input }) => ({
            id,
            name,
            arguments: JSON.stringify(input),
          })),
        }),
      },
      ...calls.map(({ id, result, isError }): Message => ({
        role: 'tool',
        toolCallId: id,
        content: result,
        ...(isError && { isError }),
      })),
    ])
  const conversations = fc
    .record({
      system: fc.array(
        words.map((content): Message => ({ role: 'system', content })),
        { maxLength: 2 },
      ),
      turns: fc.array(fc.tuple(userMessage, turn), { maxLength: 2 }),
      last: userMessage,
    })
    .map(({ system, turns, last }) => [
      ...system,
      ...turns.flatMap(([asked, answered]) => [asked, ...answered]),
      last,
    ])
    // Neighbours become one turn: what follows a result is part of its turn, and comes back alone.
    .filter((all) =>
      all.every((message, at) => message.role !== 'user' || all[at - 1]?.role !== 'user'),
    )

  const tools = fc.uniqueArray(
    fc.record(
      { name: ids, description: words, parameters: inputs, strict: fc.boolean() },
      { requiredKeys: ['name', 'parameters'] },
    ),
    { minLength: 1, maxLength: 3, selector: ({ name }) => name },
  )
  const efforts = fc.constantFrom('low', 'medium', 'high', 'xhigh' as const)
  const reasoning = fc.oneof(
    fc.constant({ effort: 'none' as const }),
    fc.record({ effort: efforts, exclude: fc.constant(true) }, { requiredKeys: [] }),
    fc.record(
      { effort: efforts, maxTokens: fc.integer({ min: 1024, max: 4000 }) },
      { requiredKeys: ['maxTokens'] },
    ),
  )
  const wishes = fc
    .record(
      {
        temperature: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value || 0),
        topP: fc.constantFrom(0.5, 1),
        topK: fc.nat(99),
        stop: fc.array(words, { minLength: 1, maxLength: 2 }),
        reasoning,
        responseFormat: inputs.map((schema) => ({ type: 'json_schema' as const, schema })),
        cachePrompt: fc.constant(true),
        tools,
      },
      { requiredKeys: [] },
    )
    .chain((wish) =>
      fc.record({
        wish: fc.constant(wish),
        choice: fc.constantFrom(
          undefined,
          'auto' as const,
          'none' as const,
          'required' as const,
          'named' as const,
        ),
        alone: fc.boolean(),
        maxTokens: fc.integer({ min: 5000, max: 90_000 }),
      }),
    )
    .map(({ wish, choice, alone, maxTokens }): ChatOptions & { model: string } => {
      const name = wish.tools?.[0]?.name
      const isAlone = alone && choice !== 'none'
      // Said at the same time, the one choice is written out.
      const toolChoice =
        choice === 'named' ? name && { name } : (choice ?? (isAlone ? 'auto' : undefined))
      return {
        model,
        maxTokens,
        ...wish,
        ...(name && toolChoice && { toolChoice }),
        ...(name && isAlone && { parallelToolCalls: false }),
      }
    })

  test('any messages', () => {
    fc.assert(
      fc.property(conversations, (sent) => {
        const encoded = encodeRequest({
          model,
          messages: deepFreeze(sent),
          options: { model, maxTokens: 9 },
        })
        expect(decodeRequest(plainJson(encoded)).messages).toEqual(sent)
      }),
      { numRuns: 300 },
    )
  })

  test('any options', () => {
    const sent: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'a' }] }]
    fc.assert(
      fc.property(wishes, (wanted) => {
        const encoded = plainJson(
          encodeRequest({ model, messages: sent, options: deepFreeze(wanted) }),
        )
        const decoded = decodeRequest(encoded)
        expect(decoded.options).toEqual(wanted)
        // And what stands in `extra` besides changes nothing.
        const { options: found, extra } = decoded
        const second = encodeRequest({
          model,
          messages: sent,
          options: { ...found, providerOptions: extra },
        })
        expect(plainJson(second)).toEqual(encoded)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what is refused', () => {
  const failure = (sent: unknown): Promise<RatatoskrError> => caught(() => decodeRequest(sent))
  const user = (...content: unknown[]): Json => ({ messages: [{ role: 'user', content }] })
  const assistant = (...content: unknown[]): Json => ({
    messages: [{ role: 'assistant', content }],
  })

  test.each<[unknown, string]>([
    [undefined, 'The body'],
    [null, 'The body'],
    ['text', 'The body'],
    [[], 'The body'],
    [{}, ''],
    [body({ model: '' }), 'model'],
    [body({ model: 7 }), 'model'],
    [body({ max_tokens: undefined }), 'max_tokens'],
    [body({ max_tokens: '100' }), 'max_tokens'],
    [body({ max_tokens: Infinity }), 'max_tokens'],
    [body({ messages: [] }), 'messages'],
    [body({ messages: {} }), 'messages'],
    [body({ messages: [null] }), 'messages.0'],
    [body({ messages: [{ role: 'tool', content: 'a' }] }), 'messages.0'],
    [body({ messages: [{ role: 'user' }] }), 'messages.0.content'],
    [body({ messages: [{ role: 'user', content: 7 }] }), 'messages.0.content'],
    [body(user(null)), 'messages.0.content.0'],
    [body(user({ type: 'text' })), 'messages.0.content.0.text'],
    [body(user({ type: 'something_new' })), 'messages.0.content.0'],
    [body(user({ type: 'image' })), 'messages.0.content.0.source'],
    [
      body(user({ type: 'image', source: { type: 'base64', data: 'a' } })),
      'messages.0.content.0.source.media_type',
    ],
    [
      body(user({ type: 'image', source: { type: 'url', url: '' } })),
      'messages.0.content.0.source.url',
    ],
    [body(user({ type: 'tool_result' })), 'messages.0.content.0.tool_use_id'],
    [
      body(user({ type: 'tool_result', tool_use_id: 'x', content: 7 })),
      'messages.0.content.0.content',
    ],
    [
      body(user({ type: 'tool_result', tool_use_id: 'x', is_error: 'no' })),
      'messages.0.content.0.is_error',
    ],
    [body(assistant(7)), 'messages.0.content.0'],
    [body(assistant({ type: 'text', text: 7 })), 'messages.0.content.0.text'],
    [body(assistant({ type: 'tool_use', name: 'f', input: {} })), 'messages.0.content.0.id'],
    [
      body(assistant({ type: 'tool_use', id: 'x', name: 'f', input: [] })),
      'messages.0.content.0.input',
    ],
    [
      body(assistant({ type: 'tool_use', id: 'x', name: 'f', input: '{}' })),
      'messages.0.content.0.input',
    ],
    [body({ system: 7 }), 'system'],
    [body({ system: [{ type: 'image' }] }), 'system.0'],
    [body({ temperature: 'hot' }), 'temperature'],
    [body({ temperature: NaN }), 'temperature'],
    [body({ stop_sequences: 'END' }), 'stop_sequences'],
    [body({ stop_sequences: [7] }), 'stop_sequences.0'],
    [body({ stream: 'yes' }), 'stream'],
    [body({ thinking: 'hard' }), 'thinking'],
    [body({ thinking: {} }), 'thinking.type'],
    [body({ output_config: [] }), 'output_config'],
    [body({ output_config: { format: { type: 'json_schema' } } }), 'output_config.format.schema'],
    [body({ tools: {} }), 'tools'],
    [body({ tools: [[]] }), 'tools.0'],
    [body({ tools: [{ name: 'f' }] }), 'tools.0.input_schema'],
    [body({ tools: [{ name: 'a b', input_schema: {} }] }), 'tools.0.name'],
    [
      body({
        tools: [
          { name: 'f', input_schema: {} },
          { name: 'f', input_schema: {} },
        ],
      }),
      'tools.1.name',
    ],
    [body({ tool_choice: 'auto' }), 'tool_choice'],
    [body({ tool_choice: { type: 'some' } }), 'tool_choice.type'],
  ])('%j', async (sent, place) => {
    const error = await failure(sent)
    expect(error).toMatchObject({ code: 'invalid_request', retryable: false })
    expect(error.message).toContain(place)
    expect(error.message).toMatch(/ must .*\.$/)
  })

  test.each<[Json, string]>([
    [
      user({ type: 'image', source: { type: 'file', file_id: 'f' } }),
      'messages.0.content.0.source',
    ],
    [
      user({ type: 'document', source: { type: 'file', file_id: 'f' } }),
      'messages.0.content.0.source',
    ],
    [
      user({ type: 'document', source: { type: 'content', content: 'a' } }),
      'messages.0.content.0.source',
    ],
    [
      user({ type: 'document', source: { type: 'url', url: 'x' }, context: 'a' }),
      'messages.0.content.0.context',
    ],
    [user({ type: 'search_result', source: 'a', title: 'b', content: [] }), 'messages.0.content.0'],
    [user({ type: 'container_upload', file_id: 'f' }), 'messages.0.content.0'],
    [
      user({
        type: 'tool_result',
        tool_use_id: 'x',
        content: [{ type: 'document', source: { type: 'url', url: 'x' } }],
      }),
      'messages.0.content.0.content.0',
    ],
    [
      user({
        type: 'tool_result',
        tool_use_id: 'x',
        content: [{ type: 'tool_reference', tool_name: 'f' }],
      }),
      'messages.0.content.0.content.0',
    ],
  ])('as unsupported, what has no counterpart: %j', async (sent, place) => {
    const error = await failure(body(sent))
    expect(error.code).toBe('unsupported')
    expect(error.message).toContain(place)
  })

  const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
    let value: unknown = 'x'
    for (let i = 0; i < depth; i += 1) value = wrap(value)
    return value
  }
  const list = (inner: unknown): unknown => [inner]
  const block = (inner: unknown): unknown => ({ type: 'text', content: [inner], input: inner })

  test.each<[string, (depth: number) => Json]>([
    [
      'a call’s input',
      (depth) =>
        assistant({ type: 'tool_use', id: 'x', name: 'f', input: { a: nested(depth, list) } }),
    ],
    [
      'a block of the model’s',
      (depth) => assistant({ type: 'x', content: [nested(depth, block)] }),
    ],
    ['a user’s content', (depth) => user(nested(depth, block))],
    [
      'a result',
      (depth) => user({ type: 'tool_result', tool_use_id: 'x', content: nested(depth, list) }),
    ],
    ['a tool', (depth) => ({ tools: [nested(depth, block)] })],
    ['a schema', (depth) => ({ tools: [{ name: 'f', input_schema: { a: nested(depth, list) } }] })],
    ['the instructions', (depth) => ({ system: nested(depth, list) })],
    ['something else', (depth) => ({ metadata: nested(depth, list) })],
  ])('nothing breaks on what is nested deep: %s', (_, make) => {
    for (const depth of [100_000]) {
      try {
        decodeRequest(body(make(depth)))
      } catch (error) {
        if (!isRatatoskrError(error)) throw error
        expect(error.code).toMatch(/^(invalid_request|unsupported)$/)
        expect(error.message.length).toBeLessThan(300)
      }
    }
  })

  const secret = 'sk-qz-secret'
  /** Throws what is no error of ours; tells whether there was one. */
  const refuses = (sent: unknown): boolean => {
    try {
      const decoded = decodeRequest(sent)
      expect(Array.isArray(decoded.messages)).toBe(true)
      return false
    } catch (error) {
      if (!isRatatoskrError(error)) throw error
      expect(error.code).toMatch(/^(invalid_request|unsupported)$/)
      expect(error.message).not.toContain(secret)
      expect(error.message).toMatch(/ must .*\.$/)
      expect(error.cause).toBeUndefined()
      return true
    }
  }

  test('anything gives a request, or an error that names a place and no value', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withObjectString: true }), (sent) => {
        refuses(sent)
        if (typeof sent === 'object') refuses({ ...body(), ...sent })
      }),
      { numRuns: 500 },
    )
  })

  test('so does a good body in which one thing is another', () => {
    const whole = body({
      system: [{ type: 'text', text: secret }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: secret },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: secret } },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: secret },
              title: secret,
              citations: { enabled: true },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: secret, signature: secret },
            { type: 'text', text: secret, citations: [{ cited_text: secret }] },
            { type: 'tool_use', id: 'x', name: 'f', input: { q: secret } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'x',
              content: [{ type: 'text', text: secret }],
              is_error: true,
            },
          ],
        },
      ],
      temperature: 1,
      stop_sequences: [secret],
      thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' },
      output_config: { effort: 'low', format: { type: 'json_schema', schema: { title: secret } } },
      tools: [
        { name: 'f', description: secret, input_schema: { type: 'object' }, strict: true },
        { type: 'web_search_20250305', name: 's' },
      ],
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
      cache_control: { type: 'ephemeral' },
    })
    const places: (readonly string[])[] = []
    const visit = (value: unknown, path: readonly string[]): void => {
      if (path.length > 0) places.push(path)
      if (typeof value !== 'object' || value === null) return
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key])
    }
    visit(whole, [])
    const junk = fc.oneof(
      fc.constantFrom<unknown>(
        secret,
        null,
        undefined,
        '',
        0,
        -1,
        NaN,
        true,
        [],
        {},
        [secret],
        { type: secret },
        { [secret.slice(0, 4)]: secret },
        [[secret]],
        { type: 'text' },
        { type: 'tool_use' },
        [null],
      ),
      fc.anything(),
    )
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(...places), junk, fc.boolean(), (path, value, removes) => {
        const sent = structuredClone(whole)
        const last = path.at(-1) ?? ''
        let holder = sent
        for (const step of path.slice(0, -1)) holder = holder[step] as Json
        if (removes) delete holder[last]
        else holder[last] = value
        if (refuses(sent)) refused += 1
      }),
      { numRuns: 4000 },
    )
    // Otherwise it says little.
    expect(refused).toBeGreaterThan(1000)
  })

  test('what it takes, an encoder takes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            role: fc.constantFrom('user', 'assistant'),
            content: fc.oneof(
              fc.string(),
              fc.array(
                fc.record({
                  type: fc.constantFrom('text', 'thinking', 'x'),
                  text: fc.string(),
                  thinking: fc.string(),
                  signature: fc.string(),
                }),
                { maxLength: 3 },
              ),
            ),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (sent) => {
          const {
            messages: decoded,
            options: wanted,
            extra,
          } = (() => {
            try {
              return decodeRequest(body({ messages: sent }))
            } catch (error) {
              if (!isRatatoskrError(error)) throw error
              return decodeRequest(body())
            }
          })()
          encodeRequest({
            model,
            messages: decoded,
            options: { ...wanted, providerOptions: extra },
          })
        },
      ),
    )
  })
})
