// The pages of docs/providers are what the code does; update them with `npx vitest run --project docs -u`.
import { readFileSync, readdirSync } from 'node:fs'
import { createGateway, user, type Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { bedrock } from 'ratatoskr/bedrock'
import { browserAI } from 'ratatoskr/browser'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openai, openaiResponses } from 'ratatoskr/openai'
import * as compatible from 'ratatoskr/openai-compatible'
import type { LocalProviderOptions, ProviderOptions } from 'ratatoskr/openai-compatible'
import { openrouter } from 'ratatoskr/openrouter'
import { vertex } from 'ratatoskr/vertex'
import { workersAI } from 'ratatoskr/workers-ai'
import { simulatorFetch } from '@ratatoskr/testkit'
import { expect, test } from 'vitest'
import { load, readExamples, typeCheck, writeExamples } from './examples.ts'
import { providerPage, type ProviderNotes } from './provider-page.ts'

const common = [
  '`baseURL`: another address up to where the paths differ.',
  '`headers`: sent with each request; they win over the provider’s own.',
  '`fetch`: used instead of the platform’s.',
  '`name`: the name to choose the provider by, where it is not the usual one.',
]
const apiKey =
  '`apiKey` (needed): a text, or a function that gives one for each request, also async.'
const yes =
  'A page may call it. A key in a page is in the hands of whoever opens it: give people a place for their own, or put a server of yours in between.'
const no =
  'Its servers let no page read their answers (CORS). Put a server of yours in between, such as a Worker with [the same gateway](../serving.md).'
const untested =
  'Whether its servers let a page read their answers has not been tried. Where they do not, the error is `network` and says so: put a server of yours in between.'

/** A host that speaks Chat Completions. */
function hosted(
  title: string,
  factory: (options: ProviderOptions) => Provider,
  model: string,
  format: string,
  ...more: readonly string[]
): ProviderNotes {
  return {
    title,
    from: 'ratatoskr/openai-compatible',
    factory: factory.name,
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => factory({ apiKey: 'key', fetch }),
    model,
    settings: [apiKey, ...common],
    browser: untested,
    more,
    format,
  }
}

/** A server on one's own machine that speaks Chat Completions. */
function local(
  title: string,
  factory: (options: LocalProviderOptions) => Provider,
  model: string,
  format: string,
  origins: string,
  ...more: readonly string[]
): ProviderNotes {
  return {
    ...hosted(title, factory, model, format, ...more),
    factory: factory.name,
    options: '',
    make: (fetch) => factory({ fetch }),
    settings: ['`apiKey`: where the server wants one.', ...common],
    browser: `${origins} A page served over https may call http on localhost alone.`,
  }
}

const pages: { [file: string]: ProviderNotes } = {
  openrouter: {
    title: 'OpenRouter',
    from: 'ratatoskr/openrouter',
    factory: 'openrouter',
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => openrouter({ apiKey: 'key', fetch }),
    model: 'anthropic/claude-sonnet-4',
    settings: [apiKey, ...common],
    browser: yes,
    more: [
      'Every option is passed on; OpenRouter itself leaves out what a model does not have, unless `providerOptions: { provider: { require_parameters: true } }`.',
      'Reasoning goes back as it came (`reasoning_details`). Images that models make are `image` events. `usage.cost` is in US dollars.',
      '`providerOptions: { models: […] }` lets OpenRouter fall back; the `model` of the reply tells which answered.',
    ],
    format: 'https://openrouter.ai/docs/api-reference/overview',
  },
  openai: {
    title: 'OpenAI, by Chat Completions',
    from: 'ratatoskr/openai',
    factory: 'openai',
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => openai({ apiKey: 'key', fetch }),
    model: 'gpt-5-mini',
    settings: [apiKey, '`organization`, `project`: whose bill it is.', ...common],
    browser: yes,
    more: [
      'Reasoning is not shown by this interface: [Responses](openai-responses.md) shows its summary.',
    ],
    format: 'https://platform.openai.com/docs/api-reference/chat',
  },
  'openai-responses': {
    title: 'OpenAI, by Responses',
    from: 'ratatoskr/openai',
    factory: 'openaiResponses',
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => openaiResponses({ apiKey: 'key', fetch }),
    model: 'gpt-5-mini',
    settings: [
      apiKey,
      '`organization`, `project`: whose bill it is.',
      '`keyHeader`: the header that carries the key, for Azure `api-key`.',
      ...common,
    ],
    browser: yes,
    more: [
      'OpenRouter (`https://openrouter.ai/api/v1`), xAI (`https://api.x.ai/v1`) and Azure (`https://….openai.azure.com/openai/v1`, `keyHeader: "api-key"`) speak it, too: give their `baseURL`.',
      'Nothing is stored (`store: false`), and encrypted reasoning goes back with the next request; unless `providerOptions` set `store`, `previous_response_id`, `conversation` or `background`.',
      'Tools of OpenAI’s own go through `providerOptions: { tools: […] }`, which take the place of yours; what they do are `provider` events (`includeProviderEvents`).',
      'A reply asked for with `background: true` is taken up again by `providerOptions: { resume: { id, starting_after } }`.',
    ],
    format: 'https://platform.openai.com/docs/api-reference/responses',
  },
  anthropic: {
    title: 'Anthropic',
    from: 'ratatoskr/anthropic',
    factory: 'anthropic',
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => anthropic({ apiKey: 'key', fetch }),
    model: 'claude-sonnet-5',
    settings: [apiKey, ...common],
    browser: yes,
    more: [
      'Features in beta: `headers: { "anthropic-beta": … }` and `providerOptions`.',
      'Signed thinking and the blocks of server tools go back as they came.',
      'Citations of a document are asked for with `citations: true` on a file.',
    ],
    format: 'https://platform.claude.com/docs/en/api/messages',
  },
  google: {
    title: 'Google Gemini, by AI Studio',
    from: 'ratatoskr/google',
    factory: 'google',
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => google({ apiKey: 'key', fetch }),
    model: 'gemini-3-flash-preview',
    settings: [apiKey, ...common],
    browser: yes,
    more: [
      'Google’s own tools stand beside yours: `providerOptions: { tools: [{ googleSearch: {} }] }`. Sources are `citation` events.',
      'Images: `providerOptions: { generationConfig: { responseModalities: ["TEXT", "IMAGE"] } }`; they are `image` events.',
      'Thought signatures go back on the very parts that they came with.',
      'Models before Gemini 3 think by tokens: efforts become a budget, `none` becomes 0.',
    ],
    format: 'https://ai.google.dev/api/generate-content',
  },
  vertex: {
    title: 'Google Gemini, by Vertex AI',
    from: 'ratatoskr/vertex',
    factory: 'vertex',
    options: "{ project: 'my-project', accessToken: 'your-token' }",
    make: (fetch) => vertex({ project: 'my-project', accessToken: 'token', fetch }),
    model: 'gemini-3-flash-preview',
    settings: [
      '`project` (needed): its id.',
      '`location`: such as `europe-west4`. Default: `global`.',
      '`accessToken` (needed): an OAuth token, or a function that gives one for each request; they last an hour.',
      ...common,
    ],
    browser: untested,
    more: [
      'Tokens: `gcloud auth print-access-token`, Google’s own libraries, or the metadata server of its machines.',
      'Streamed arguments of calls: `providerOptions: { toolConfig: { functionCallingConfig: { streamFunctionCallArguments: true } } }`.',
    ],
    format: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference',
  },
  ollama: {
    title: 'Ollama',
    from: 'ratatoskr/ollama',
    factory: 'ollama',
    options: '',
    make: (fetch) => ollama({ fetch }),
    model: 'qwen3:8b',
    settings: [
      'No key.',
      '`baseURL`: where Ollama is. Default: `http://localhost:11434`.',
      ...common.slice(1),
    ],
    browser:
      'The server decides: `OLLAMA_ORIGINS` names the origins whose pages it answers. A page served over https may call http on localhost alone.',
    more: [
      '`providerOptions`: `keep_alive`, and `options` such as `{ num_ctx: 8192 }`, which are merged with what the request says.',
    ],
    format: 'https://docs.ollama.com/api/chat',
  },
  cohere: {
    title: 'Cohere',
    from: 'ratatoskr/cohere',
    factory: 'cohere',
    options: "{ apiKey: 'your-key' }",
    make: (fetch) => cohere({ apiKey: 'key', fetch }),
    model: 'command-a-03-2025',
    settings: [apiKey, ...common],
    browser: untested,
    more: [
      'Documents to answer from: `providerOptions: { documents: […] }`; each source of a passage is a `citation` event.',
      'The plan for the tools goes back with their results.',
    ],
    format: 'https://docs.cohere.com/v2/reference/chat-stream',
  },
  bedrock: {
    title: 'Amazon Bedrock',
    from: 'ratatoskr/bedrock',
    factory: 'bedrock',
    options: "{ region: 'us-east-1', apiKey: 'your-key' }",
    make: (fetch) => bedrock({ region: 'us-east-1', apiKey: 'key', fetch }),
    model: 'amazon.nova-lite-v1:0',
    settings: [
      '`region` (needed): such as `us-east-1`.',
      '`apiKey`: a key of Bedrock’s, or a function that gives one. Or',
      '`accessKeyId`, `secretAccessKey`, `sessionToken`: keys that sign each request (SigV4). Or',
      '`credentials`: a function that gives those, also async.',
      ...common,
    ],
    browser: untested,
    more: [
      'What only some models have goes through `providerOptions: { additionalModelRequestFields }`; Anthropic’s models think by `reasoning`.',
      'Signed and redacted reasoning goes back as it came.',
      '`InvokeModelWithResponseStream` is no provider; its frames are read by `AwsEventStreamDecoder` and a dialect (Claude: `anthropic`; Nova, Titan, Llama, Command: `bedrock`).',
    ],
    format:
      'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html',
  },
  'workers-ai': {
    title: 'Cloudflare Workers AI',
    from: 'ratatoskr/workers-ai',
    factory: 'workersAI',
    options: "{ accountId: 'your-account', apiKey: 'your-key' }",
    make: (fetch) => workersAI({ accountId: 'your-account', apiKey: 'key', fetch }),
    model: '@cf/meta/llama-3.3-70b-instruct-fp8-fast',
    settings: [
      '`accountId`, `apiKey`: for the REST interface. Or',
      '`binding`: `env.AI` inside a Worker, without a key; `runOptions` are given to its `run`.',
      ...common,
    ],
    browser: no,
    more: [
      'Some models write a format of Cloudflare’s own, others that of Chat Completions, some both at once: the text comes once.',
      'JSON (`responseFormat`) does not stream there: such a reply comes at once, when it is whole.',
    ],
    format: 'https://developers.cloudflare.com/workers-ai/',
  },
  browser: {
    title: 'The model inside the browser',
    from: 'ratatoskr/browser',
    factory: 'browserAI',
    options: '',
    make: () =>
      browserAI({
        languageModel: {
          availability: () => Promise.resolve('available'),
          create: () => Promise.reject(new Error('only looked at')),
        },
      }),
    model: 'on-device',
    settings: [
      'No key, no network.',
      '`onAvailability`: called before each session with what the browser says: `unavailable`, `downloadable`, `downloading` or `available`.',
      '`onDownloadProgress`: called with the part of the model that is there, 0 to 1.',
      '`sessionOptions`: given to `availability` and `create`, such as `{ expectedOutputs }`.',
      '`name`: the name to choose the provider by. Default: `browser`.',
    ],
    browser:
      'It works nowhere else: in Chrome on computers that are strong enough, in pages served over https. Elsewhere the error is `unsupported`. The first request may download the model, which wants a click of the user before it.',
    more: [
      'There is no usage, and no other end than `stop`. `temperature` and `topK` go together.',
      'Instructions go first, wherever they stand. An assistant’s message at the end is the beginning of the reply.',
      'A download that takes longer than `timeouts.firstEvent` (five minutes) needs a longer one.',
    ],
    format: 'https://developer.chrome.com/docs/ai/prompt-api',
  },
  groq: hosted(
    'Groq',
    compatible.groq,
    'openai/gpt-oss-20b',
    'https://console.groq.com/docs/api-reference',
  ),
  mistral: hosted(
    'Mistral',
    compatible.mistral,
    'mistral-small-latest',
    'https://docs.mistral.ai/api/',
    'Thinking is `reasoning`, references are `citation` events.',
    'Files go as its documents (`document_url`), with data or by URL.',
    'Ids of calls that Mistral does not take are rewritten.',
  ),
  deepseek: hosted(
    'DeepSeek',
    compatible.deepseek,
    'deepseek-chat',
    'https://api-docs.deepseek.com/',
    '`deepseek-reasoner` thinks without being asked; its thoughts are `reasoning`.',
  ),
  xai: hosted(
    'xAI',
    compatible.xai,
    'grok-4',
    'https://docs.x.ai/docs/api-reference',
    '`usage.cost` is in US dollars.',
    'Its Responses: `openaiResponses({ name: "xai", baseURL: "https://api.x.ai/v1", apiKey })`.',
  ),
  together: hosted(
    'Together',
    compatible.together,
    'openai/gpt-oss-20b',
    'https://docs.together.ai/reference/chat-completions-1',
  ),
  fireworks: hosted(
    'Fireworks',
    compatible.fireworks,
    'accounts/fireworks/models/gpt-oss-20b',
    'https://docs.fireworks.ai/api-reference/post-chatcompletions',
  ),
  cerebras: hosted(
    'Cerebras',
    compatible.cerebras,
    'gpt-oss-120b',
    'https://inference-docs.cerebras.ai/api-reference/chat-completions',
  ),
  perplexity: hosted(
    'Perplexity',
    compatible.perplexity,
    'sonar',
    'https://docs.perplexity.ai/api-reference/chat-completions-post',
    'Each source is a `citation` event; `usage.cost` is in US dollars.',
  ),
  huggingface: hosted(
    'Hugging Face',
    compatible.huggingface,
    'openai/gpt-oss-20b',
    'https://huggingface.co/docs/inference-providers/tasks/chat-completion',
  ),
  nvidia: hosted(
    'NVIDIA',
    compatible.nvidia,
    'openai/gpt-oss-20b',
    'https://docs.api.nvidia.com/nim/reference/llm-apis',
  ),
  'azure-openai': {
    title: 'Azure OpenAI',
    from: 'ratatoskr/openai-compatible',
    factory: 'azureOpenAI',
    options: "{ baseURL: 'https://my-resource.openai.azure.com', apiKey: 'your-key' }",
    make: (fetch) =>
      compatible.azureOpenAI({
        baseURL: 'https://my-resource.openai.azure.com',
        apiKey: 'key',
        fetch,
      }),
    model: 'my-deployment',
    settings: [
      '`baseURL` (needed): the address of the resource.',
      apiKey,
      '`apiVersion`: for the older addresses, one for each deployment. Default: none.',
      ...common.slice(1),
    ],
    browser: untested,
    more: ['The model is the name of the deployment.'],
    format: 'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
  },
  lmstudio: local(
    'LM Studio',
    compatible.lmstudio,
    'qwen/qwen3-8b',
    'https://lmstudio.ai/docs/developer/openai-compat',
    'Pages are let in by `lms server start --cors`.',
  ),
  vllm: local(
    'vLLM',
    compatible.vllm,
    'Qwen/Qwen3-8B',
    'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
    'The server lets all pages in, unless it was started with other `--allowed-origins`.',
  ),
  llamacpp: local(
    'llama.cpp',
    compatible.llamacpp,
    'default',
    'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
    'The server answers the pages of all origins.',
  ),
  'ollama-compatible': local(
    'Ollama, by Chat Completions',
    compatible.ollamaCompatible,
    'qwen3:8b',
    'https://docs.ollama.com/api/openai-compatibility',
    'The server decides: `OLLAMA_ORIGINS` names the origins whose pages it answers.',
    '[Its own format](ollama.md) knows more: `keep_alive`, the model’s options, thinking.',
  ),
}

test.each(Object.entries(pages))('%s', async (file, notes) => {
  await expect(await providerPage(notes)).toMatchFileSnapshot(`providers/${file}.md`)
})

const index = readFileSync(new URL('providers.md', import.meta.url), 'utf8')

test('the list names every page, and no other', () => {
  const folder = new URL('providers/', import.meta.url)
  const linked = [...index.matchAll(/\(providers\/([\w-]+)\.md\)/g)].map(([, name]) => name)
  expect(new Set(linked)).toEqual(new Set(Object.keys(pages)))
  expect(readdirSync(folder).toSorted()).toEqual(
    Object.keys(pages)
      .map((name) => `${name}.md`)
      .toSorted(),
  )
})

test('every factory has a page', () => {
  const made = new Set(Object.values(pages).map(({ factory }) => factory))
  const presets = Object.keys(compatible).filter(
    (name) => !/^(openaiCompatible|httpProvider)$/.test(name),
  )
  expect(presets.filter((name) => !made.has(name))).toEqual([])
})

test(
  'a provider of one’s own: the example is well typed, short, and streams',
  { timeout: 60_000 },
  async () => {
    const examples = readExamples(index)
    const directory = writeExamples('providers', examples)
    expect(await typeCheck(directory)).toBe('')
    const [own] = examples
    expect(own?.code.trim().split('\n').length).toBeLessThanOrEqual(21)
    const { mine } = (await load(directory, 'mine.ts')) as {
      mine: (
        fetch: typeof globalThis.fetch,
      ) => Parameters<typeof createGateway>[0]['providers'][number]
    }
    const provider = mine(simulatorFetch({ script: [{ text: 'Hello!' }] }))
    const gateway = createGateway({ providers: [provider] })
    expect((await gateway.chat([user('Hi')], { model: 'nut-1' })).content).toBe('Hello!')
  },
)
