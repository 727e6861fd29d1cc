import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'

/** A transparent pixel. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const pdf = 'JVBERi0xLjQKJcOkw7zDtsOfCg=='
const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEA'

const schema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Łódź, 東京…' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
}

type OpenaiParams = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>

const weather = {
  type: 'function' as const,
  function: { name: 'weather', description: 'Tells the weather', parameters: schema },
}
const strictTool = {
  type: 'function' as const,
  function: { name: 'get_time', parameters: schema, strict: true },
}
const bareTool = { type: 'function' as const, function: { name: 'search-web' } }

const openaiHistory: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Weather in Łódź and 東京?' },
  {
    role: 'assistant',
    content: 'I look.',
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'weather', arguments: '{"city":"Łódź"}' },
      },
      {
        id: 'call_2',
        type: 'function',
        function: { name: 'weather', arguments: '{"city":"東京"}' },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: '{"celsius":4}' },
  { role: 'tool', tool_call_id: 'call_2', content: '{"celsius":14}' },
  { role: 'assistant', content: '4 and 14 °C ☁️' },
  { role: 'user', content: 'And tomorrow?' },
]

/** What clients of OpenAI ask for; what is left out is a question in one line. */
export const openaiRequests: { readonly [name: string]: OpenaiParams } = {
  'a question': {},
  'system and developer': {
    messages: [
      { role: 'developer', content: 'Be brief.' },
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      { role: 'user', content: 'Hi' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'Now ' },
          { type: 'text', text: 'sing.' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'Again' }] },
    ],
  },
  images: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What are these?' },
          { type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'high' } },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          { type: 'text', text: 'Compare.' },
        ],
      },
    ],
  },
  'audio and files': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'input_audio', input_audio: { data: wav, format: 'wav' } },
          { type: 'input_audio', input_audio: { data: wav, format: 'mp3' } },
          {
            type: 'file',
            file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
          },
          { type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}` } },
          { type: 'file', file: { filename: 'b.pdf', file_data: pdf } },
          { type: 'text', text: 'Sum up.' },
        ],
      },
    ],
  },
  'a history with tools': { messages: openaiHistory, tools: [weather, strictTool, bareTool] },
  'a history of parts and refusals': {
    messages: [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'user', content: 'Two' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Well, ' },
          { type: 'text', text: 'yes.' },
        ],
      },
      { role: 'user', content: 'Three' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] },
      { role: 'user', content: 'Four' },
      {
        role: 'assistant',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } },
        ],
      },
      {
        role: 'tool',
        tool_call_id: 'call_1',
        content: [
          { type: 'text', text: 'rain' },
          { type: 'text', text: 'and snow' },
        ],
      },
    ],
    tools: [weather],
  },
  'custom tools': {
    messages: [
      { role: 'user', content: 'Run it' },
      {
        role: 'assistant',
        tool_calls: [
          { id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls "a"\n' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'a' },
    ],
    tools: [
      weather,
      {
        type: 'custom',
        custom: {
          name: 'shell',
          description: 'Runs',
          format: { type: 'grammar', grammar: { syntax: 'regex', definition: '^ls.*' } },
        },
      },
    ],
    tool_choice: { type: 'custom', custom: { name: 'shell' } },
  },
  'tool_choice: auto': { tools: [weather], tool_choice: 'auto' },
  'tool_choice: none': { tools: [weather], tool_choice: 'none' },
  'tool_choice: required': {
    tools: [weather],
    tool_choice: 'required',
    parallel_tool_calls: false,
  },
  'tool_choice: a function': {
    tools: [weather, strictTool],
    tool_choice: { type: 'function', function: { name: 'get_time' } },
    parallel_tool_calls: true,
  },
  'tool_choice: allowed tools': {
    tools: [weather, strictTool],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [{ type: 'function', function: { name: 'weather' } }],
      },
    },
  },
  'a JSON schema': {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'place', description: 'A place', schema, strict: true },
    },
  },
  'a JSON schema that is not strict': {
    response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
  },
  'a JSON schema that may be kept loosely': {
    response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: null } },
  },
  'any JSON': { response_format: { type: 'json_object' } },
  'plain text': { response_format: { type: 'text' } },
  'a stop': { stop: 'END' },
  'several stops': { stop: ['END', '\n\n'] },
}

/** Fields of such requests that go with each other. */
export const openaiFields: { readonly [field: string]: readonly unknown[] } = {
  temperature: [0, 0.7, 2, null],
  top_p: [0.1, 1, null],
  max_completion_tokens: [1, 4096, null],
  frequency_penalty: [-2, 0, 1.5],
  presence_penalty: [0, 0.5],
  seed: [0, 42],
  stop: ['END', ['a', 'b'], null],
  reasoning_effort: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
  verbosity: ['low', 'high'],
  logit_bias: [{ '50256': -100 }],
  logprobs: [true],
  top_logprobs: [3],
  metadata: [{ job: 'a', łódź: '東京' }],
  user: ['somebody'],
  safety_identifier: ['hash'],
  store: [true, false],
  service_tier: ['auto', 'flex'],
  prompt_cache_key: ['key'],
  modalities: [['text']],
  prediction: [{ type: 'content', content: 'same' }],
  web_search_options: [{ search_context_size: 'low' }],
  n: [1],
  parallel_tool_calls: [true, false],
  tools: [[weather], [strictTool, bareTool]],
  response_format: [{ type: 'json_object' }, { type: 'text' }],
}

type AnthropicParams = Partial<Anthropic.MessageCreateParamsNonStreaming> & {
  // Fields of the service that the client's types of this version do not have.
  temperature?: number
  top_p?: number
  top_k?: number
}

const inputSchema = { ...schema, type: 'object' as const }
const cached = { type: 'ephemeral' as const }
const weatherTool = { name: 'weather', description: 'Tells the weather', input_schema: inputSchema }
const pngSource = { type: 'base64' as const, media_type: 'image/png' as const, data: png }

const anthropicHistory: Anthropic.MessageParam[] = [
  { role: 'user', content: 'Weather in Łódź and 東京?' },
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Łódź', days: 1 } },
      {
        type: 'tool_use',
        id: 'toolu_2',
        name: 'weather',
        input: { city: '東京', deep: { a: [1] } },
      },
    ],
  },
  {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'toolu_1', content: '{"celsius":4}' },
      {
        type: 'tool_result',
        tool_use_id: 'toolu_2',
        content: [{ type: 'text', text: '14 °C' }],
      },
    ],
  },
  { role: 'assistant', content: '4 and 14 °C ☁️' },
  { role: 'user', content: [{ type: 'text', text: 'And tomorrow?' }] },
]

/** What clients of Anthropic ask for; what is left out is a question in one line. */
export const anthropicRequests: { readonly [name: string]: AnthropicParams } = {
  'a question': {},
  'a system text': { system: 'Be brief.' },
  'system blocks, one of them cached': {
    system: [
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'Be kind.', cache_control: cached },
    ],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: cached }] },
      { role: 'user', content: 'Hello?' },
    ],
  },
  'the whole prompt cached': { cache_control: { type: 'ephemeral', ttl: '1h' } },
  images: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: pngSource },
          { type: 'image', source: { type: 'url', url: 'https://a.example/x.png' } },
          { type: 'text', text: 'Compare.' },
        ],
      },
    ],
  },
  'documents with citations': {
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: pdf },
            title: 'Report',
            citations: { enabled: true },
          },
          { type: 'document', source: { type: 'url', url: 'https://a.example/x.pdf' } },
          {
            type: 'document',
            source: { type: 'text', media_type: 'text/plain', data: 'Żółw, 松鼠 🐿️' },
            citations: { enabled: false },
          },
          { type: 'text', text: 'Sum up.', cache_control: cached },
        ],
      },
    ],
  },
  'a history with tools': { messages: anthropicHistory, tools: [weatherTool], system: 'Be brief.' },
  'results with images, and failed ones': {
    tools: [weatherTool],
    messages: [
      { role: 'user', content: 'Look' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
          { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { a: null } },
          { type: 'tool_use', id: 'toolu_3', name: 'weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: 'Here:' },
              { type: 'image', source: pngSource },
            ],
            cache_control: cached,
          },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: 'No such city', is_error: true },
          { type: 'tool_result', tool_use_id: 'toolu_3', is_error: false },
          { type: 'text', text: 'So?' },
        ],
      },
    ],
  },
  'a history with thinking': {
    thinking: { type: 'adaptive' },
    messages: [
      { role: 'user', content: 'Look' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm 🤔', signature: 'c2lnbmVk' },
          { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
          { type: 'text', text: 'I look.' },
          { type: 'thinking', thinking: '', signature: 'b21pdHRlZA==' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Łódź' } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain' }] },
    ],
    tools: [weatherTool],
  },
  'a history with a server tool and citations': {
    tools: [weatherTool, { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
    messages: [
      { role: 'user', content: 'Otters?' },
      {
        role: 'assistant',
        content: [
          {
            type: 'server_tool_use',
            id: 'srvtoolu_1',
            name: 'web_search',
            input: { query: 'otters' },
          },
          {
            type: 'web_search_tool_result',
            tool_use_id: 'srvtoolu_1',
            content: [
              {
                type: 'web_search_result',
                url: 'https://o.example',
                title: 'O',
                encrypted_content: 'ZQ==',
              },
            ],
          },
          { type: 'text', text: 'They ' },
          {
            type: 'text',
            text: 'swim.',
            citations: [
              {
                type: 'web_search_result_location',
                cited_text: 'swim',
                url: 'https://o.example',
                title: 'O',
                encrypted_index: 'aQ==',
              },
            ],
          },
        ],
      },
      { role: 'user', content: 'And beavers?' },
    ],
  },
  'an answer begun': {
    messages: [
      { role: 'user', content: 'A poem' },
      { role: 'assistant', content: 'Roses are' },
    ],
  },
  'server tools alone': {
    tools: [{ type: 'web_search_20250305', name: 'web_search', allowed_domains: ['a.example'] }],
    tool_choice: { type: 'none' },
  },
  'a choice of a server tool': {
    tools: [weatherTool, { type: 'web_search_20250305', name: 'web_search' }],
    tool_choice: { type: 'tool', name: 'web_search' },
  },
  'server tools alone, one at a time': {
    tools: [{ type: 'web_search_20250305', name: 'web_search' }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  },
  'strict and cached tools': {
    tools: [
      { ...weatherTool, strict: true },
      { name: 'get_time', input_schema: { type: 'object' }, type: 'custom', cache_control: cached },
    ],
  },
  'tool_choice: auto': { tools: [weatherTool], tool_choice: { type: 'auto' } },
  'tool_choice: any': {
    tools: [weatherTool],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  },
  'tool_choice: none': { tools: [weatherTool], tool_choice: { type: 'none' } },
  'tool_choice: a tool': {
    tools: [weatherTool],
    tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: false },
  },
  'a JSON schema': { output_config: { format: { type: 'json_schema', schema } } },
  'thinking with a budget': {
    max_tokens: 4000,
    thinking: { type: 'enabled', budget_tokens: 2000 },
  },
  'thinking that is not shown': { thinking: { type: 'adaptive', display: 'omitted' } },
}

/** Fields of such requests that go with each other. */
export const anthropicFields: { readonly [field: string]: readonly unknown[] } = {
  model: ['claude-opus-4-8', 'claude-opus-4-5', 'claude-3-5-haiku-latest', 'anything'],
  max_tokens: [1, 4096],
  system: ['Be brief.', [{ type: 'text', text: 'Be kind.' }]],
  temperature: [0, 1],
  top_p: [0.5],
  top_k: [5],
  stop_sequences: [['END', '\n\n'], []],
  metadata: [{ user_id: 'somebody' }],
  service_tier: ['auto', 'standard_only'],
  container: ['container_1', null],
  inference_geo: ['eu'],
  thinking: [
    { type: 'disabled' },
    { type: 'adaptive' },
    { type: 'adaptive', display: 'summarized' },
    { type: 'enabled', budget_tokens: 1024 },
    { type: 'enabled', budget_tokens: 1024, display: 'omitted' },
  ],
  output_config: [
    { effort: 'low' },
    { effort: 'max' },
    { effort: 'xhigh', format: { type: 'json_schema', schema } },
    { format: { type: 'json_schema', schema } },
  ],
  tools: [[weatherTool], [{ type: 'web_search_20250305', name: 'web_search' }]],
  tool_choice: [
    { type: 'auto', disable_parallel_tool_use: true },
    { type: 'none' },
    { type: 'auto' },
  ],
}
