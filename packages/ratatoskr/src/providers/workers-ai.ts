import { apiError, stringify } from '../dialects/api-error.ts'
import { composeReply } from '../dialects/reply-decoder.ts'
import { frame, type Chunk, type ToolCallDelta } from '../dialects/openai-chat/chunk.ts'
import { decodePlainReply } from '../dialects/openai-chat/decode-plain-reply.ts'
import { encodeRequest } from '../dialects/openai-chat/encode-request.ts'
import { isRatatoskrError, need } from '../errors.ts'
import { SseDecoder } from '../frames/sse.ts'
import { wholeBody } from '../frames/whole-body.ts'
import { JsonDecoder } from '../json/json-decoder.ts'
import { fieldsOf, isRecord, textOf } from '../json/shape.ts'
import type { ChatRequest } from '../options.ts'
import type { Provider } from '../provider.ts'
import type { Fetch } from '../transport/connect.ts'
import type { ApiKey, ProviderOptions } from './api-provider.ts'
import { httpProvider } from './http-provider.ts'

/** The binding of a Worker, as `wrangler` gives it: `env.AI`. */
export interface WorkersAIBinding {
  run(model: string, inputs: { [field: string]: unknown }, options?: object): Promise<unknown>
}

/** What {@link workersAI} takes: an account and its key, or a Worker's binding. */
export type WorkersAIOptions =
  | ({ accountId: string; apiKey: ApiKey; binding?: never } & Omit<ProviderOptions, 'apiKey'>)
  | {
      binding: WorkersAIBinding
      name?: string
      /** Given to `run` with each request, such as `{ gateway: { id } }`. */
      runOptions?: { readonly [option: string]: unknown }
    }

/**
 * Cloudflare's Workers AI: over its REST interface, or inside a Worker over the binding, without a
 * key. Both speak a format of their own, or that of Chat Completions, as the model has it. Its REST
 * interface takes no requests from a browser's page.
 *
 * Format: https://developers.cloudflare.com/workers-ai/configuration/bindings/
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { workersAI } from 'ratatoskr/workers-ai'
 *
 * const gateway = createGateway({
 *   providers: [workersAI({ accountId: 'your-account', apiKey: 'your-key' })],
 * })
 * ```
 */
export function workersAI(options: WorkersAIOptions): Provider {
  const { name = 'workers-ai' } = options
  const provider = httpProvider({
    name,
    family: /^@(cf|hf)\//,
    ...(options.binding
      ? overBinding(options.binding, options.runOptions)
      : overRest(options, name)),
    encodeRequest: (request) => encodeInputs(request, name),
    decodeReply: (reply, whole) =>
      composeReply(
        whole ? wholeBody() : new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(frame),
        decodePlainReply({ ...reply, adapt: (chunk) => plainChunk(chunk, whole, name) }),
      ),
  })
  return {
    ...provider,
    open: (request, context) => provider.open(request, context).catch(readErrors),
  }
}

type Connection = Pick<Parameters<typeof httpProvider>[0], 'url' | 'headers' | 'listing' | 'fetch'>

function overRest(
  options: Extract<WorkersAIOptions, { accountId: string }>,
  name: string,
): Connection {
  const { accountId, apiKey, headers, fetch } = options
  need(
    /^[\w-]+$/.test(textOf(accountId)),
    'configuration',
    `${name}: accountId must be an account's`,
  )
  const check = (key: string): string => {
    const isKey = /^[!#-[\]-~]+$/.test(textOf(key))
    need(isKey, 'configuration', `${name}: apiKey must be or return a key`)
    return key
  }
  if (typeof apiKey !== 'function') check(apiKey)
  const base = (options.baseURL ?? 'https://api.cloudflare.com/client/v4').replace(/\/+$/, '')
  return {
    listing: `${base}/accounts/${accountId}/ai/models/search?task=Text%20Generation&per_page=1000`,
    // Models are named with slashes, which stand in the path as they are.
    url: ({ model }) => `${base}/accounts/${accountId}/ai/run/${encodePath(model)}`,
    async headers() {
      const key = check(typeof apiKey === 'function' ? await apiKey() : apiKey)
      return { authorization: `Bearer ${key}`, ...headers }
    },
    fetch,
  }
}

function encodePath(model: string): string {
  return model.split('/').map(encodeURIComponent).join('/').replace(/^%40/, '@')
}

/** What the binding answers, as a server would. */
function overBinding(binding: WorkersAIBinding, runOptions: object | undefined): Connection {
  const fetch: Fetch = async (url, { body, signal }) => {
    const inputs: unknown = JSON.parse(typeof body === 'string' ? body : '{}')
    const model = decodeURIComponent(url.slice(prefix.length))
    let answer: unknown
    try {
      answer = await binding.run(model, { ...fieldsOf(inputs) }, { ...runOptions, signal })
    } catch (error) {
      if (signal?.aborted) throw error
      // Such as `InferenceUpstreamError: 5007: No such model`.
      const message = error instanceof Error ? error.message : ''
      const code = Number(/(?:^|\s)(\d{4}):/.exec(message)?.[1])
      return Response.json({ errors: [{ code, message }] }, { status: statuses.get(code) ?? 500 })
    }
    // With the option `returnRawResponse`.
    if (answer instanceof Response) return answer
    if (!(answer instanceof ReadableStream)) return Response.json(answer)
    return new Response(answer, { headers: { 'content-type': 'text/event-stream' } })
  }
  return { url: ({ model }) => prefix + encodeURIComponent(model), fetch }
}

const prefix = 'binding:'

/** https://developers.cloudflare.com/workers-ai/platform/errors/ */
const statuses: ReadonlyMap<number, number> = new Map([
  [3036, 429],
  [3040, 503],
  [3007, 408],
  [3006, 400],
  [5004, 400],
  [5005, 400],
  [5006, 400],
  [5007, 404],
  [5016, 403],
  [5018, 403],
  [3039, 403],
])

/** Cloudflare's own wrapping of an error. */
function readErrors(error: unknown): never {
  if (isRatatoskrError(error) && error.status && error.body) {
    let sent: unknown
    try {
      sent = JSON.parse(error.body)
    } catch {}
    const { provider, status, requestId, retryAfter } = error
    const { message } = firstError(sent)
    // The codes have four digits and mean no status.
    if (message) throw apiError({ provider, status, requestId, retryAfter, body: { message } })
  }
  throw error
}

function firstError(sent: unknown): { message: string; code: number } {
  const { message, code } = fieldsOf([fieldsOf(sent)['errors']].flat()[0])
  return { message: textOf(message), code: Number(code) }
}

function encodeInputs(request: ChatRequest, provider: string): { [field: string]: unknown } {
  const { model: _, ...inputs } = encodeRequest(request, {
    provider,
    profile: { streamOptions: false, unsupported: ['parallelToolCalls'] },
  })
  const messages = [inputs['messages']].flat().map(fieldsOf)
  const { responseFormat: format } = request.options
  return {
    ...inputs,
    // Its own models want a text wherever there is a message.
    messages: messages.map((each) => ({ ...each, content: each['content'] ?? '' })),
    // JSON does not stream (error 5023), and a schema stands there without a name:
    // https://developers.cloudflare.com/workers-ai/features/json-mode/
    ...(format && format.type !== 'text' && { stream: false }),
    ...(format?.type === 'json_schema' && {
      response_format: { type: format.type, json_schema: format.schema },
    }),
  }
}

/** A chunk of Cloudflare's own as one of Chat Completions. What is both is read as the latter. */
function plainChunk(chunk: Chunk, whole: boolean, provider: string): Chunk {
  // The REST interface wraps a whole reply.
  const { result, ...own } = { ...chunk } as Chunk & { result?: unknown }
  const { message, code } = firstError(own)
  if (message) {
    const error = { message, status_code: statuses.get(code) ?? 500 }
    throw apiError({ provider, body: { error } })
  }
  const { choices, response, tool_calls, usage } = fieldsOf(result ?? own)
  if (Array.isArray(choices) && (choices[0] || !response)) {
    return isRecord(result) ? { ...result } : chunk
  }
  if (response === undefined && tool_calls === undefined && usage === undefined) return chunk
  const calls = [tool_calls ?? []].flat().map(plainCall)
  const content = isRecord(response) ? stringify(response) : textOf(response)
  return {
    usage,
    choices: [
      {
        delta: { content, ...(calls[0] && { tool_calls: calls }) },
        // A whole reply has no other end.
        ...(whole && { finish_reason: calls[0] ? 'tool_calls' : 'stop' }),
      },
    ],
  }
}

/** A call: whole, with its name beside its arguments, or a piece of one as OpenAI writes it. */
function plainCall(call: unknown, place: number): ToolCallDelta {
  const { id, index = place, name, arguments: input, function: called } = fieldsOf(call)
  if (isRecord(called)) {
    return { index, id, function: { name: textOf(called['name']), arguments: called['arguments'] } }
  }
  const text = textOf(input) || stringify(input ?? {})
  need(text, 'protocol', 'A tool call must be JSON')
  return { index, id, function: { name: textOf(name), arguments: text } }
}
