import type { OpenAIChatProfile } from '../dialects/openai-chat/profile.ts'
import { ollamaFamily } from './ollama-family.ts'
import type { Provider } from '../provider.ts'
import { accentedProvider } from './accented-provider.ts'
import type { ApiKey, ProviderOptions } from './api-provider.ts'
import type { AccentedProviderOptions } from './profiled-provider.ts'

export type { OpenAIChatProfile } from '../dialects/openai-chat/profile.ts'
export { httpProvider, type HttpProviderOptions } from './http-provider.ts'
export type { AccentedProviderOptions } from './profiled-provider.ts'
export type { ApiKey, ProviderOptions } from './api-provider.ts'

/**
 * Any server that speaks OpenAI's Chat Completions.
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openaiCompatible } from 'ratatoskr/openai-compatible'
 *
 * const mine = openaiCompatible({ name: 'mine', baseURL: 'http://localhost:8000/v1' })
 * const gateway = createGateway({ providers: [mine] })
 * ```
 */
export function openaiCompatible(options: AccentedProviderOptions): Provider {
  return accentedProvider(options)
}

/** Options of a preset whose server needs no key: on this machine, or one's own. */
export interface LocalProviderOptions extends Omit<ProviderOptions, 'apiKey'> {
  apiKey?: ApiKey
}

interface Preset {
  readonly name: string
  readonly baseURL: string
  readonly profile: OpenAIChatProfile
  readonly family?: RegExp
}

/** An empty key is refused when the provider is made; none would be, too late, by the server. */
function withKey(options: ProviderOptions): ProviderOptions {
  return { ...options, apiKey: options?.apiKey ?? '' }
}

// Each preset stands in its own function: bundlers drop functions that nobody uses, not fields of an object.
function withPreset(preset: Preset, options: LocalProviderOptions): Provider {
  return accentedProvider({ ...preset, ...options })
}

/** Groq. Format: https://console.groq.com/docs/api-reference */
export function groq(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'groq',
      baseURL: 'https://api.groq.com/openai/v1',
      profile: {
        unsupported: ['topK', 'frequencyPenalty', 'presencePenalty'],
        maxTokensField: 'max_completion_tokens',
        includeReasoningField: 'include_reasoning',
      },
    },
    withKey(options),
  )
}

/** DeepSeek. Format: https://api-docs.deepseek.com */
export function deepseek(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'deepseek',
      baseURL: 'https://api.deepseek.com',
      profile: {
        unsupported: [
          'topK',
          'seed',
          'parallelToolCalls',
          'responseFormat.json_schema',
          'reasoning',
        ],
        reasoningField: 'reasoning_content',
      },
    },
    withKey(options),
  )
}

/** Mistral. Format: https://docs.mistral.ai/api */
export function mistral(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'mistral',
      baseURL: 'https://api.mistral.ai/v1',
      profile: {
        unsupported: ['topK'],
        seedField: 'random_seed',
        requiredToolChoice: 'any',
        streamOptions: false,
        callIdPattern: /^[A-Za-z0-9]{9}$/,
        documentPart: 'document_url',
      },
    },
    withKey(options),
  )
}

/** xAI, the maker of Grok. Format: https://docs.x.ai/docs/api-reference */
export function xai(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'xai',
      baseURL: 'https://api.x.ai/v1',
      profile: { unsupported: ['topK'] },
    },
    withKey(options),
  )
}

/** Together. Format: https://docs.together.ai/reference/chat-completions-1 */
export function together(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'together',
      baseURL: 'https://api.together.xyz/v1',
      profile: { streamOptions: false },
    },
    withKey(options),
  )
}

/** Fireworks. Format: https://docs.fireworks.ai/api-reference/post-chatcompletions */
export function fireworks(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'fireworks',
      baseURL: 'https://api.fireworks.ai/inference/v1',
      profile: {},
    },
    withKey(options),
  )
}

/** Cerebras. Format: https://inference-docs.cerebras.ai/api-reference/chat-completions */
export function cerebras(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'cerebras',
      baseURL: 'https://api.cerebras.ai/v1',
      profile: {
        unsupported: ['topK', 'frequencyPenalty', 'presencePenalty'],
        maxTokensField: 'max_completion_tokens',
        streamOptions: false,
      },
    },
    withKey(options),
  )
}

/** Perplexity. Format: https://docs.perplexity.ai/api-reference/chat-completions-post */
export function perplexity(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'perplexity',
      baseURL: 'https://api.perplexity.ai',
      profile: {
        unsupported: [
          'tools',
          'toolChoice',
          'seed',
          'stop',
          'parallelToolCalls',
          'responseFormat.json',
          'cachePrompt',
        ],
        streamOptions: false,
      },
    },
    withKey(options),
  )
}

/** The router of Hugging Face. Format: https://huggingface.co/docs/inference-providers */
export function huggingface(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'huggingface',
      baseURL: 'https://router.huggingface.co/v1',
      profile: { unsupported: ['topK'] },
    },
    withKey(options),
  )
}

/** NVIDIA NIM. Format: https://docs.api.nvidia.com/nim/reference/llm-apis */
export function nvidia(options: ProviderOptions): Provider {
  return withPreset(
    {
      name: 'nvidia',
      baseURL: 'https://integrate.api.nvidia.com/v1',
      profile: { unsupported: ['topK'] },
    },
    withKey(options),
  )
}

/** LM Studio on this machine. Format: https://lmstudio.ai/docs/app/api/endpoints/openai */
export function lmstudio(options: LocalProviderOptions = {}): Provider {
  return withPreset({ name: 'lmstudio', baseURL: 'http://localhost:1234/v1', profile: {} }, options)
}

/** A vLLM server. Format: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html */
export function vllm(options: LocalProviderOptions = {}): Provider {
  return withPreset({ name: 'vllm', baseURL: 'http://localhost:8000/v1', profile: {} }, options)
}

/** The server of llama.cpp. Format: its `tools/server/README.md` */
export function llamacpp(options: LocalProviderOptions = {}): Provider {
  return withPreset({ name: 'llamacpp', baseURL: 'http://localhost:8080/v1', profile: {} }, options)
}

/** Ollama by its OpenAI-compatible endpoint. Format: https://docs.ollama.com/openai */
export function ollamaCompatible(options: LocalProviderOptions = {}): Provider {
  return withPreset(
    {
      name: 'ollama',
      family: ollamaFamily,
      baseURL: 'http://localhost:11434/v1',
      profile: { unsupported: ['topK', 'toolChoice', 'parallelToolCalls'] },
    },
    options,
  )
}

/** What {@link azureOpenAI} takes: `baseURL` names the resource. */
export interface AzureOpenAIOptions extends ProviderOptions {
  /** Such as `https://my-resource.openai.azure.com`. */
  baseURL: string
  /** The version of the interface. Default: none, which is the `/openai/v1` interface. */
  apiVersion?: string
}

/**
 * Azure OpenAI; the model is the deployment's name. With `apiVersion` the older addresses, one for
 * each deployment.
 *
 * Format: https://learn.microsoft.com/azure/ai-foundry/openai/reference
 */
export function azureOpenAI(options: AzureOpenAIOptions): Provider {
  const { apiVersion, ...rest } = options
  return accentedProvider({
    name: 'azure',
    ...withKey(rest),
    baseURL: rest.baseURL,
    listing: apiVersion === undefined ? '/openai/v1/models' : '',
    keyHeader: 'api-key',
    path: ({ model }) =>
      apiVersion === undefined
        ? '/openai/v1/chat/completions'
        : `/openai/deployments/${encodeURIComponent(model)}/chat/completions?api-version=${encodeURIComponent(apiVersion)}`,
    profile: {
      unsupported: ['topK'],
      maxTokensField: 'max_completion_tokens',
      streamOptions: { include_usage: true, include_obfuscation: false },
      callIdPattern: /^[^]{1,40}$/,
    },
  })
}
