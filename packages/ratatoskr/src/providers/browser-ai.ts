import { RatatoskrError } from '../errors.ts'
import { fieldsOf, textOf } from '../json/shape.ts'
import type { Message } from '../message.ts'
import type { ChatOptions, ChatRequest } from '../options.ts'
import type { ChatEventSource, OpenContext, Provider } from '../provider.ts'

/** The model of a browser, as far as it is used. */
export interface LanguageModel {
  availability(options?: object): Promise<string>
  create(options?: object): Promise<LanguageModelSession>
}

/** A conversation with it. */
export interface LanguageModelSession {
  promptStreaming(input: unknown, options?: object): ReadableStream<string>
  destroy(): void
}

/** What {@link browserAI} takes. */
export interface BrowserAIOptions {
  /** The name to choose the provider by. Default: `browser`. */
  name?: string
  /** Called while the model is downloaded, with the part that is there: 0 to 1. */
  onDownloadProgress?: (loaded: number) => void
  /** Given to `availability` and `create`, such as `{ expectedOutputs }`. */
  sessionOptions?: { readonly [option: string]: unknown }
  /** Default: the page's own `LanguageModel`. */
  languageModel?: LanguageModel
}

/**
 * The model inside the browser, by the Prompt API: on the device, without a key or a network. It
 * talks; tools, images, counts and limits it has none. A model that is not there yet is downloaded,
 * which wants a click of the user before it. Each request has a session of its own.
 *
 * `open` rejects with code `unsupported` where the browser has no such model.
 *
 * Format: https://developer.chrome.com/docs/ai/prompt-api
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { browserAI } from 'ratatoskr/browser'
 *
 * const onDownloadProgress = (loaded: number) => console.log(`${Math.round(loaded * 100)} %`)
 * const gateway = createGateway({ providers: [browserAI({ onDownloadProgress })] })
 * ```
 */
export function browserAI(options: BrowserAIOptions = {}): Provider {
  const { name = 'browser' } = options
  return {
    name,
    family: /^(gemini-nano|on-device)$/,
    accepts: () => true,
    open: (request, context) => open(request, context, options, name),
  }
}

async function open(
  { model, messages, options }: ChatRequest,
  { signal }: OpenContext,
  { onDownloadProgress, sessionOptions, languageModel = pageModel() }: BrowserAIOptions,
  provider: string,
): Promise<ChatEventSource> {
  const refuse = (words: string): never => {
    throw new RatatoskrError('unsupported', words, { provider })
  }
  const lacking = unsupportedIn(options)
  if (lacking) {
    refuse(`${provider} cannot honour ${lacking}; leave it out, or choose another provider.`)
  }
  const prompts = messages.map((message) => encodeMessage(message, provider))
  if (!languageModel) {
    return refuse('This browser has no model of its own (LanguageModel); choose another provider.')
  }
  signal.throwIfAborted()
  if ((await languageModel.availability(sessionOptions)) === 'unavailable') {
    return refuse('This device cannot run the browser’s model; choose another provider.')
  }
  let session: LanguageModelSession
  try {
    session = await languageModel.create({
      ...sessionOptions,
      ...options.providerOptions,
      // Both or none are taken.
      ...(options.temperature !== undefined && { temperature: options.temperature }),
      ...(options.topK !== undefined && { topK: options.topK }),
      initialPrompts: prompts.slice(0, -1),
      signal,
      monitor(target: EventTarget) {
        target.addEventListener('downloadprogress', (event) => {
          onDownloadProgress?.(Number(fieldsOf(event)['loaded']))
        })
      },
    })
  } catch (error) {
    throw readError(error, signal, provider)
  }
  if (signal.aborted) session.destroy()
  signal.throwIfAborted()
  const format = options.responseFormat
  const constraint =
    format?.type === 'json_schema'
      ? format.schema
      : format?.type === 'json'
        ? { type: 'object' }
        : undefined
  const stream = session.promptStreaming(prompts.slice(-1), {
    signal,
    ...(constraint && { responseConstraint: constraint }),
  })
  const reader = stream.getReader()
  return {
    async read(emit) {
      try {
        const { done, value } = await reader.read()
        if (!done) {
          if (value) emit({ type: 'content', text: value })
          return true
        }
      } catch (error) {
        session.destroy()
        throw readError(error, signal, provider)
      }
      session.destroy()
      // The stream closes when the model has ended, and fails otherwise.
      emit({ type: 'done', finishReason: 'stop', model })
      return false
    },
    cancel(reason) {
      reader.cancel(reason).catch(() => {})
      session.destroy()
    },
  }
}

function pageModel(): LanguageModel | undefined {
  const { LanguageModel: model } = fieldsOf(globalThis)
  const isModel = (value: unknown): value is LanguageModel =>
    (typeof value === 'function' || typeof value === 'object') &&
    value !== null &&
    'create' in value
  return isModel(model) ? model : undefined
}

function encodeMessage(message: Message, provider: string): { role: string; content: string } {
  const { role, content } = message
  if (role === 'tool' || (role === 'assistant' && message.toolCalls?.[0])) {
    throw new RatatoskrError('unsupported', `${provider} has no tools.`, { provider })
  }
  if (typeof content === 'string') {
    return { role, content: content || (role === 'assistant' ? (message.refusal ?? '') : '') }
  }
  const texts = content.map((part) => {
    if (part.type === 'text') return part.text
    throw new RatatoskrError('unsupported', `${provider} takes no images or files.`, { provider })
  })
  return { role, content: texts.join('\n') }
}

const names = [
  'tools',
  'topP',
  'maxTokens',
  'stop',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
  'reasoning',
] as const

/** The first option that there is no place for. */
function unsupportedIn(options: ChatOptions): string | undefined {
  if ((options.temperature === undefined) !== (options.topK === undefined)) {
    return 'temperature without topK, or topK without temperature'
  }
  const { tools = [] } = options
  return names.find((name) => (name === 'tools' ? tools[0] : options[name]) !== undefined)
}

/** What the browser says in the names of its exceptions. */
function readError(error: unknown, signal: AbortSignal, provider: string): unknown {
  if (signal.aborted) return signal.reason
  const { name, message } = fieldsOf(error)
  const details = { provider, providerMessage: textOf(message) || undefined, cause: error }
  switch (name) {
    case 'QuotaExceededError':
      return new RatatoskrError(
        'context_length',
        'The conversation is longer than the browser’s model takes; shorten it.',
        details,
      )
    case 'NotAllowedError':
      return new RatatoskrError(
        'permission',
        'The browser’s model must be downloaded first; ask from a click of the user.',
        details,
      )
    case 'NotSupportedError':
      return new RatatoskrError(
        'unsupported',
        'The browser’s model cannot do this; see providerMessage.',
        details,
      )
    default:
      return new RatatoskrError('api', 'The browser’s model failed; see providerMessage.', {
        ...details,
        retryable: true,
      })
  }
}
