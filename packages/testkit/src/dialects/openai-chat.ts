import { collect } from 'ratatoskr'
import { openaiChat } from 'ratatoskr/dialects'
import { listOf, textOf, type Json } from './json.ts'
import { frameOf } from './frame-of.ts'
import { sseFraming } from './framing.ts'
import { Refusal, type ErrorBody } from './refusal.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

/**
 * OpenAI's Chat Completions, as also OpenRouter and most other hosts speak it.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat
 */
export const openaiChatService: SimulatedDialect = {
  name: 'openai-chat',
  path: /\/chat\/completions$/,
  requestIdHeader: 'x-request-id',
  ids: { reply: 'chatcmpl-', call: 'call_' },
  terminal: /^data: ?\[DONE\]/m,
  framing: sseFraming,
  isMeantBy: (names) => names.has('authorization') || names.has('api-key'),
  allowsPages: () => true,
  checkHeaders(headers, keys) {
    if (keys === false) return
    // Azure has a header of its own.
    const key = /^Bearer\s+(\S.*)$/i.exec(headers.get('authorization') ?? '')?.[1]
    const given = key?.trim() || headers.get('api-key')
    if (!given) throw new Refusal(401, error(invalid, noKey))
    if (keys && !keys.includes(given)) {
      throw new Refusal(401, error(invalid, wrongKey, 'invalid_api_key'))
    }
  },
  checkBody(body) {
    const { model, messages } = body
    if (!model) throw new Refusal(400, error(invalid, 'you must provide a model parameter'))
    if (messages === undefined) {
      const words = "Missing required parameter: 'messages'."
      throw new Refusal(400, error(invalid, words, 'missing_required_parameter', 'messages'))
    }
    checkCalls(listOf(messages))
  },
  readRequest(body) {
    const { messages, options, stream, reply } = openaiChat.decodeRequest(body)
    return {
      messages,
      options,
      stream,
      encodeReply: (id) => openaiChat.encodeReply({ ...reply, id }),
      encodeResponse: async (events, id) =>
        openaiChat.encodeResponse(await collect(events), { ...reply, id }),
    }
  },
  sign: () => undefined,
  redact: () => [],
  refusalFinish: 'stop',
  finishWords: {},
  errorBody(status, message) {
    const [type, words, code] = failures[status] ?? (status < 500 ? failures[400] : failures[500])
    return error(type, message ?? words, code)
  },
  finishError: (body) => body,
  encodeError: openaiChat.encodeError,
  errorFrame: (failure) => frameOf(openaiChat.encodeReply(), failure),
  unknownModel: (model) =>
    error(
      invalid,
      `The model \`${model}\` does not exist or you do not have access to it.`,
      'model_not_found',
    ),
  invalidJson: () =>
    error(
      invalid,
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using " +
        'your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was ' +
        'not valid JSON. If you have trouble figuring out how to fix this, please contact us ' +
        'through our help center at help.openai.com.)',
    ),
  unknownPath: (method, path) => error(invalid, `Invalid URL (${method} ${path})`),
  wrongMethod: (method, path) =>
    error(
      invalid,
      `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to make your HTTP request ` +
        'using a different method?)',
      'method_not_supported',
    ),
  models: (names) => ({
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'ratatoskr' })),
  }),
}

const invalid = 'invalid_request_error'
const noKey =
  "You didn't provide an API key. You need to provide your API key in an Authorization header " +
  'using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank ' +
  "username) if you're accessing the API from your browser and are prompted for a username and " +
  'password. You can obtain an API key from https://platform.openai.com/account/api-keys.'
const wrongKey =
  'Incorrect API key provided: ********. ' +
  'You can find your API key at https://platform.openai.com/account/api-keys.'

type Failure = readonly [type: string, message: string, code?: string]

const failures: { readonly [status: number]: Failure } & {
  readonly 400: Failure
  readonly 500: Failure
} = {
  400: [invalid, 'The request is not valid.'],
  401: [invalid, wrongKey, 'invalid_api_key'],
  403: [invalid, 'You are not allowed to do this.', 'permission_denied'],
  404: [invalid, 'The model does not exist or you do not have access to it.', 'model_not_found'],
  429: [
    'requests',
    'Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1.',
    'rate_limit_exceeded',
  ],
  500: ['server_error', 'The server had an error while processing your request. Sorry about that!'],
  503: ['server_error', 'That model is currently overloaded with other requests.', 'overloaded'],
  529: ['server_error', 'That model is currently overloaded with other requests.', 'overloaded'],
}

function error(type: string, message: string, code?: string, param?: string): ErrorBody {
  return { error: { message, type, param: param ?? null, code: code ?? null } }
}

/** Each result must follow the call that it is for, and each call be followed by its result. */
function checkCalls(messages: readonly Json[]): void {
  let caller = -1
  let open = new Set<string>()
  let called = new Set<string>()
  const checkAnswered = (): void => {
    if (open.size === 0) return
    const words =
      "An assistant message with 'tool_calls' must be followed by tool messages responding to " +
      "each 'tool_call_id'. The following tool_call_ids did not have response messages: " +
      [...open].join(', ')
    throw new Refusal(400, error(invalid, words, undefined, `messages.[${caller + 1}].role`))
  }
  for (const [i, { role, tool_calls, tool_call_id }] of messages.entries()) {
    if (role === 'tool') {
      if (called.size === 0) {
        const words =
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message " +
          "with 'tool_calls'."
        throw new Refusal(400, error(invalid, words, undefined, `messages.[${i}].role`))
      }
      const id = textOf(tool_call_id)
      if (!called.has(id)) {
        const words =
          "Invalid parameter: 'tool_call_id' of '" +
          `${id}' not found in 'tool_calls' of previous message.`
        throw new Refusal(400, error(invalid, words, undefined, `messages.[${i}].tool_call_id`))
      }
      open.delete(id)
      continue
    }
    checkAnswered()
    caller = i
    called = new Set(role === 'assistant' ? listOf(tool_calls).map(({ id }) => textOf(id)) : [])
    open = new Set(called)
  }
  checkAnswered()
}
