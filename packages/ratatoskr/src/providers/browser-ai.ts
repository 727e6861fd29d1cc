import { checkOptions, refuseOption } from '../dialects/check-request-options.ts'
import { isRatatoskrError, RatatoskrError } from '../errors.ts'
import { fieldsOf, textOf } from '../json/shape.ts'
import type { Message } from '../message.ts'
import type { ChatOptions, ChatRequest } from '../options.ts'
import type { ChatEventSource, OpenContext, Provider } from '../provider.ts'
import { within } from '../transport/within.ts'

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
  /**
   * Called before each session with what the browser says of its model: `unavailable`,
   * `downloadable`, `downloading` or `available`.
   */
  onAvailability?: (availability: string) => void
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
 * which wants a click of the user before it, and may take longer than `timeouts.firstEvent`. Each
 * request has a session of its own. Instructions go first, wherever they stand; an assistant's
 * message at the end is the beginning of the reply, which goes on from there.
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
  given: BrowserAIOptions,
  provider: string,
): Promise<ChatEventSource> {
  refuseOption(provider, unsupportedIn(options))
  const { providerOptions: own = {}, responseFormat: format } = options
  checkOptions(own, ['stream', 'model', 'messages', 'initialPrompts', 'signal', 'monitor'], format)
  const { history, prompt } = encodeMessages(messages, provider)
  const { languageModel = pageModel() } = given
  if (!languageModel) {
    throw new RatatoskrError(
      'unsupported',
      'This browser has no model of its own (LanguageModel); choose another provider.',
      { provider },
    )
  }
  const session = await createSession(
    languageModel,
    { ...given, provider, signal },
    options,
    history,
  )
  const constraint =
    format?.type === 'json_schema'
      ? format.schema
      : format?.type === 'json'
        ? { type: 'object' }
        : undefined
  let reader: ReadableStreamDefaultReader<string>
  try {
    const stream = session.promptStreaming(prompt, {
      signal,
      ...(constraint && { responseConstraint: constraint }),
    })
    reader = stream.getReader()
  } catch (error) {
    session.destroy()
    throw readError(error, signal, provider)
  }
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

async function createSession(
  languageModel: LanguageModel,
  {
    onAvailability,
    onDownloadProgress,
    sessionOptions,
    signal,
    provider,
  }: BrowserAIOptions & { signal: AbortSignal; provider: string },
  options: ChatOptions,
  initialPrompts: readonly Prompt[],
): Promise<LanguageModelSession> {
  const asked = {
    ...sessionOptions,
    ...options.providerOptions,
    // Both or none are taken.
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.topK !== undefined && { topK: options.topK }),
  }
  // Whoever stops waits for no browser, and a session that comes too late is given up.
  const stoppable = async <Value>(promise: Promise<Value>): Promise<Value> =>
    within(promise, false, () => promise, signal)
  let creating: Promise<LanguageModelSession> | undefined
  try {
    signal.throwIfAborted()
    const availability = await stoppable(languageModel.availability(asked))
    onAvailability?.(availability)
    if (availability === 'unavailable') {
      throw new RatatoskrError(
        'unsupported',
        'This device cannot run the browser’s model; choose another provider.',
        { provider },
      )
    }
    creating = languageModel.create({
      ...asked,
      initialPrompts,
      signal,
      monitor(target: EventTarget) {
        target.addEventListener('downloadprogress', (event) => {
          onDownloadProgress?.(Number(fieldsOf(event)['loaded']))
        })
      },
    })
    return await stoppable(creating)
  } catch (error) {
    creating?.then((late) => late.destroy()).catch(() => {})
    throw readError(error, signal, provider)
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

/** A message, as the browser takes it. */
interface Prompt {
  role: string
  content: string
  /** The reply begins with it. */
  prefix?: boolean
}

/**
 * What the session begins with, and what it is asked. Instructions must come first there, and a
 * question last, or the beginning of its answer:
 * https://webmachinelearning.github.io/prompt-api/#prompt-processing
 */
function encodeMessages(
  messages: readonly Message[],
  provider: string,
): { history: Prompt[]; prompt: Prompt[] } {
  const all = messages.map((message) => encodeMessage(message, provider))
  const instructions = all.filter(({ role }) => role === 'system')
  const turns = all.filter(({ role }) => role !== 'system')
  const last = turns.at(-1)
  if (!last) {
    throw new RatatoskrError(
      'invalid_request',
      'There must be a message of the user besides the instructions.',
      { provider },
    )
  }
  if (last.role === 'assistant') last.prefix = true
  const asked = turns.map(({ role }) => role).lastIndexOf('user')
  const from = asked < 0 ? turns.length - 1 : asked
  const content = instructions.map((message) => message.content).join('\n\n')
  return {
    history: [...(content ? [{ role: 'system', content }] : []), ...turns.slice(0, from)],
    prompt: turns.slice(from),
  }
}

function encodeMessage(message: Message, provider: string): Prompt {
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
  if (isRatatoskrError(error)) return error
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
    case 'SyntaxError':
    case 'TypeError':
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
