import { collect, type ChatEvent } from 'ratatoskr'
import { anthropic, JsonDecoder, pipe } from 'ratatoskr/dialects'
import { signatureOf } from '../sign.ts'
import { checkMessages } from './anthropic-messages.ts'
import { isJson, listOf, textOf } from './json.ts'
import { frameOf } from './frame-of.ts'
import { sseFraming } from './framing.ts'
import { Refusal, type ErrorBody } from './refusal.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

const browserAccess = 'anthropic-dangerous-direct-browser-access'

/**
 * Anthropic's Messages.
 *
 * Format: https://platform.claude.com/docs/en/api/messages
 */
export const anthropicService: SimulatedDialect = {
  name: 'anthropic',
  path: /\/v1\/messages$/,
  requestIdHeader: 'request-id',
  ids: { reply: 'msg_', call: 'toolu_' },
  terminal: /^event: ?message_stop|"type": ?"message_stop"/m,
  framing: sseFraming,
  isMeantBy: (names) =>
    names.has('anthropic-version') || names.has('x-api-key') || names.has(browserAccess),
  allowsPages: (names) => names.has(browserAccess),
  checkHeaders(headers, keys, cors) {
    if (cors && headers.has('origin') && !headers.has(browserAccess)) {
      const words = `CORS requests must set '${browserAccess}' header`
      throw new Refusal(401, error('authentication_error', words))
    }
    if (keys !== false) {
      const own = headers.get('x-api-key')
      const given = own || /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
      if (!given)
        throw new Refusal(401, error('authentication_error', 'x-api-key header is required'))
      if (keys && !keys.includes(given)) {
        const words = own ? 'invalid x-api-key' : 'Invalid bearer token'
        throw new Refusal(401, error('authentication_error', words))
      }
    }
    const version = headers.get('anthropic-version')
    if (!version) refuse('anthropic-version: header is required')
    if (!['2023-06-01', '2023-01-01'].includes(version)) {
      refuse(`anthropic-version: "${version}" is not a valid version`)
    }
  },
  checkBody(body) {
    for (const field of ['model', 'messages', 'max_tokens'] as const) {
      if (body[field] == null) refuse(`${field}: Field required`)
    }
    const most = Number(body['max_tokens'])
    if (!(most >= 1)) refuse('max_tokens: Input should be greater than or equal to 1')
    for (const [i, tool] of listOf(body['tools']).entries()) {
      if (tool['type'] != null && tool['type'] !== 'custom') continue
      if (!/^[\w-]{1,128}$/.test(textOf(tool['name']))) {
        refuse(`tools.${i}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
      }
    }
    const thinking = isJson(body['thinking']) ? body['thinking'] : {}
    const isBudgeted = thinking['type'] === 'enabled'
    if (isBudgeted) checkBudget(Number(thinking['budget_tokens']), most)
    if (isBudgeted || thinking['type'] === 'adaptive') checkThinking(body)
    checkMessages(listOf(body['messages']), isBudgeted, refuse)
  },
  readRequest(body) {
    const { messages, options, stream, reply } = anthropic.decodeRequest(body)
    return {
      messages,
      options,
      stream,
      encodeReply: (id) => anthropic.encodeReply({ ...reply, id }),
      encodeResponse: async (events, id) =>
        anthropic.encodeResponse(await collect(reread(events)), { ...reply, id }),
    }
  },
  sign: (reasoning) => ({
    type: 'provider',
    dialect: 'anthropic',
    data: {
      type: 'content_block_delta',
      delta: { type: 'signature_delta', signature: signatureOf(reasoning) },
    },
  }),
  redact(reasoning) {
    // The encoder writes it in its place; the index only tells the two that they belong together.
    const index = 'redacted'
    const block = { type: 'redacted_thinking', data: signatureOf(reasoning) }
    return [
      { type: 'content_block_start', index, content_block: block },
      { type: 'content_block_stop', index },
    ].map((data) => ({ type: 'provider', dialect: 'anthropic', data }))
  },
  refusalFinish: 'content_filter',
  finishWords: {
    end_turn: 'stop',
    stop_sequence: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool_calls',
    refusal: 'content_filter',
  },
  errorBody(status, message) {
    const [type, words] = failures[status] ?? (status < 500 ? failures[400] : failures[500])
    return error(type, message ?? words)
  },
  finishError: (body, request_id) => ({ ...body, request_id }),
  encodeError: anthropic.encodeError,
  errorFrame: (failure) => frameOf(anthropic.encodeReply(), failure),
  unknownModel: (model) => error('not_found_error', `model: ${model}`),
  invalidJson: () =>
    error(invalid, 'The request body is not valid JSON: expected value: line 1 column 1 (char 0)'),
  unknownPath: () => error('not_found_error', 'Not Found'),
  wrongMethod: () => error(invalid, 'Method Not Allowed'),
  models: (names) => ({
    data: names.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '1970-01-01T00:00:00Z',
    })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
}

/** The events as a reader has them, who knows what the next request must give back. */
function reread(events: readonly ChatEvent[]): ChatEvent[] {
  const wire = pipe(
    anthropic.encodeReply(),
    pipe(new JsonDecoder(anthropic.frame), anthropic.decodeReply()),
  )
  const read: ChatEvent[] = []
  for (const event of events) wire.push(event, (again) => read.push(again))
  return read
}

const invalid = 'invalid_request_error'

function error(type: string, message: string): ErrorBody {
  return { type: 'error', error: { type, message } }
}

function refuse(message: string): never {
  throw new Refusal(400, error(invalid, message))
}

function checkBudget(budget: number, most: number): void {
  if (!(budget >= 1024)) {
    refuse('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  if (budget >= most) refuse('`max_tokens` must be greater than `thinking.budget_tokens`.')
}

function checkThinking(body: { readonly [field: string]: unknown }): void {
  const { temperature, tool_choice: choice } = body
  if (temperature != null && temperature !== 1) {
    refuse('`temperature` may only be set to 1 when thinking is enabled.')
  }
  if (isJson(choice) && (choice['type'] === 'any' || choice['type'] === 'tool')) {
    refuse('Thinking may not be enabled when tool_choice forces tool use.')
  }
}

type Failure = readonly [type: string, message: string]

const failures: { readonly [status: number]: Failure } & {
  readonly 400: Failure
  readonly 500: Failure
} = {
  400: [invalid, 'The request is not valid.'],
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key does not have permission to use the resource.'],
  404: ['not_found_error', 'Not Found'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', "This request would exceed your account's rate limit."],
  500: ['api_error', 'Internal server error'],
  503: ['overloaded_error', 'Overloaded'],
  529: ['overloaded_error', 'Overloaded'],
}
