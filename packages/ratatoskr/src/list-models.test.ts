import { describe, expect, test } from 'vitest'
import { createGateway } from './gateway.ts'
import type { Model } from './model.ts'
import { anthropic } from './providers/anthropic.ts'
import { bedrock } from './providers/bedrock.ts'
import { browserAI } from './providers/browser-ai.ts'
import { cohere } from './providers/cohere.ts'
import { google } from './providers/google.ts'
import { ollama } from './providers/ollama.ts'
import { openai } from './providers/openai.ts'
import { openrouter } from './providers/openrouter.ts'
import { vertex } from './providers/vertex.ts'
import { workersAI } from './providers/workers-ai.ts'
import type { Provider } from './provider.ts'
import type { Fetch } from './transport/connect.ts'

/** What each provider's documentation shows of its list. */
const providers: {
  name: string
  make: (fetch: Fetch) => Provider
  url: string
  header: string
  body: unknown
  models: Omit<Model, 'provider'>[]
}[] = [
  {
    name: 'openrouter',
    make: (fetch) => openrouter({ apiKey: 'secret-key', fetch }),
    url: 'https://openrouter.ai/api/v1/models',
    header: 'authorization',
    body: {
      data: [
        {
          id: 'anthropic/claude-sonnet-4',
          name: 'Claude Sonnet 4',
          context_length: 200_000,
          pricing: { prompt: '0.0000003', completion: '0.000015' },
          architecture: {
            input_modalities: ['text', 'image', 'file'],
            output_modalities: ['text', 'image'],
          },
          supported_parameters: ['tools', 'reasoning', 'structured_outputs', 'seed'],
          top_provider: { max_completion_tokens: 64_000 },
        },
      ],
    },
    models: [
      {
        id: 'anthropic/claude-sonnet-4',
        name: 'Claude Sonnet 4',
        contextWindow: 200_000,
        maxTokens: 64_000,
        price: { prompt: 0.3, completion: 15 },
        capabilities: [
          'tools',
          'reasoning',
          'json_schema',
          'image_input',
          'file_input',
          'image_output',
        ],
      },
    ],
  },
  {
    name: 'openai',
    make: (fetch) => openai({ apiKey: 'secret-key', fetch }),
    url: 'https://api.openai.com/v1/models',
    header: 'authorization',
    body: { object: 'list', data: [{ id: 'gpt-5-mini', object: 'model', owned_by: 'openai' }] },
    models: [{ id: 'gpt-5-mini' }],
  },
  {
    name: 'anthropic',
    make: (fetch) => anthropic({ apiKey: 'secret-key', fetch }),
    url: 'https://api.anthropic.com/v1/models?limit=1000',
    header: 'x-api-key',
    body: {
      data: [
        {
          type: 'model',
          id: 'claude-sonnet-5',
          display_name: 'Claude Sonnet 5',
          max_input_tokens: 1_000_000,
          max_tokens: 128_000,
          capabilities: { image_input: { supported: true }, thinking: { supported: true } },
        },
      ],
    },
    models: [
      {
        id: 'claude-sonnet-5',
        name: 'Claude Sonnet 5',
        contextWindow: 1_000_000,
        maxTokens: 128_000,
        capabilities: ['reasoning', 'image_input'],
      },
    ],
  },
  {
    name: 'google',
    make: (fetch) => google({ apiKey: 'secret-key', fetch }),
    url: 'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
    header: 'x-goog-api-key',
    body: {
      models: [
        {
          name: 'models/gemini-3-flash-preview',
          displayName: 'Gemini 3 Flash',
          inputTokenLimit: 1_048_576,
          outputTokenLimit: 65_536,
          supportedGenerationMethods: ['generateContent', 'countTokens'],
          thinking: true,
        },
        { name: 'models/embedding-1', supportedGenerationMethods: ['embedContent'] },
      ],
    },
    models: [
      {
        id: 'gemini-3-flash-preview',
        name: 'Gemini 3 Flash',
        contextWindow: 1_048_576,
        maxTokens: 65_536,
        capabilities: ['reasoning'],
      },
    ],
  },
  {
    name: 'ollama',
    make: (fetch) => ollama({ fetch }),
    url: 'http://localhost:11434/api/tags',
    header: '',
    body: {
      models: [
        { name: 'qwen3:8b', model: 'qwen3:8b', capabilities: ['completion', 'tools', 'thinking'] },
      ],
    },
    models: [{ id: 'qwen3:8b', capabilities: ['tools', 'reasoning'] }],
  },
  {
    name: 'cohere',
    make: (fetch) => cohere({ apiKey: 'secret-key', fetch }),
    url: 'https://api.cohere.com/v2/../v1/models?endpoint=chat&page_size=1000',
    header: 'authorization',
    body: {
      models: [
        { name: 'command-a-03-2025', context_length: 288_000, features: ['tools', 'json_schema'] },
      ],
    },
    models: [
      { id: 'command-a-03-2025', contextWindow: 288_000, capabilities: ['tools', 'json_schema'] },
    ],
  },
  {
    name: 'bedrock',
    make: (fetch) => bedrock({ region: 'us-east-1', apiKey: 'secret-key', fetch }),
    url: 'https://bedrock.us-east-1.amazonaws.com/foundation-models?byOutputModality=TEXT',
    header: 'authorization',
    body: {
      modelSummaries: [
        {
          modelId: 'amazon.nova-lite-v1:0',
          modelName: 'Nova Lite',
          inputModalities: ['TEXT', 'IMAGE'],
          outputModalities: ['TEXT'],
        },
      ],
    },
    models: [{ id: 'amazon.nova-lite-v1:0', name: 'Nova Lite', capabilities: ['image_input'] }],
  },
  {
    name: 'workers-ai',
    make: (fetch) => workersAI({ accountId: 'abc', apiKey: 'secret-key', fetch }),
    url: 'https://api.cloudflare.com/client/v4/accounts/abc/ai/models/search?task=Text%20Generation&per_page=1000',
    header: 'authorization',
    body: {
      result: [
        {
          id: 'f8703a00-ed54-4f98-bdc3-cd9a813286f3',
          name: '@cf/qwen/qwen3-30b-a3b-fp8',
          properties: [
            { property_id: 'context_window', value: '32768' },
            { property_id: 'function_calling', value: 'true' },
          ],
        },
      ],
    },
    models: [{ id: '@cf/qwen/qwen3-30b-a3b-fp8', contextWindow: 32_768, capabilities: ['tools'] }],
  },
]

describe('gateway.models()', () => {
  test.each(providers)('of $name', async ({ name, make, url, header, body, models }) => {
    const asked: [string, RequestInit][] = []
    const provider = make(async (...given) => {
      asked.push(given)
      return Response.json(body)
    })
    const list = await createGateway({ providers: [provider] }).models()
    expect(list).toEqual({
      models: models.map((model) => ({ ...model, provider: name })),
      failures: [],
    })
    const [[address, init] = ['', {}]] = asked
    expect(address).toBe(url)
    expect([init.method ?? 'GET', init.body]).toEqual(['GET', undefined])
    expect(Object.keys(init.headers ?? {}).includes(header)).toBe(header !== '')
  })

  test('leaves those out that list none', async () => {
    const gateway = createGateway({
      providers: [browserAI(), vertex({ project: 'p', accessToken: 't' })],
    })
    expect(await gateway.models()).toEqual({ models: [], failures: [] })
  })

  test('one that fails does not hide the others, and no key is told', async () => {
    const answers: { [name: string]: Fetch } = {
      good: async () => Response.json({ data: [{ id: 'm' }] }),
      refused: async () =>
        Response.json(
          { error: { message: 'Wrong key secret-key', type: 'authentication_error' } },
          { status: 401 },
        ),
      away: () => Promise.reject(new TypeError('fetch failed')),
      page: async () => new Response('<!doctype html>'),
    }
    const gateway = createGateway({
      providers: Object.entries(answers).map(([name, fetch]) =>
        openrouter({ name, apiKey: 'secret-key', fetch }),
      ),
    })
    const { models, failures } = await gateway.models()
    expect(models).toEqual([{ id: 'm', provider: 'good' }])
    expect(new Map(failures.map(({ provider, code }) => [provider, code]))).toEqual(
      new Map([
        ['refused', 'authentication'],
        ['away', 'network'],
        ['page', 'protocol'],
      ]),
    )
    expect(
      JSON.stringify(
        failures.map(({ message, body, providerMessage }) => [message, body, providerMessage]),
      ),
    ).not.toContain('secret-key')
  })

  test('stops with the signal’s reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    let ended: unknown
    const fetch: Fetch = (_, { signal }) => {
      signal?.addEventListener('abort', () => {
        ended = true
      })
      controller.abort(reason)
      return new Promise(() => {})
    }
    const gateway = createGateway({ providers: [openrouter({ apiKey: 'secret-key', fetch })] })
    await expect(gateway.models({ signal: controller.signal })).rejects.toBe(reason)
    expect(ended).toBe(true)
  })

  test('skips what is no model, and odd figures', async () => {
    const data = [
      null,
      7,
      {},
      { id: '' },
      { id: 'm', context_length: 'many', pricing: { prompt: '-1' } },
    ]
    const fetch: Fetch = async () => Response.json({ data })
    const gateway = createGateway({ providers: [openrouter({ apiKey: 'secret-key', fetch })] })
    expect((await gateway.models()).models).toEqual([{ id: 'm', provider: 'openrouter' }])
  })
})
