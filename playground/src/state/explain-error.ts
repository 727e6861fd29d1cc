import { isRatatoskrError, type ErrorCode } from 'ratatoskr'
import type { Connection } from '../providers/connections.ts'

/** What happened and what to do, for people. */
export interface Explanation {
  title: string
  /** What the library says. */
  message: string
  advice: string
  /** What the provider itself said. */
  said: string | undefined
  /** Small print: code, status, id of the request. */
  facts: readonly string[]
}

type Advice = readonly [title: string, advice: string]

const advices: { readonly [code in ErrorCode]: Advice } = {
  network: ['No connection', 'Check the address and whether the server runs, then try again.'],
  timeout: ['No answer in time', 'The provider fell silent. Try again, or stop sooner.'],
  truncated: [
    'The reply was cut off',
    'What had come is kept above, but it is not whole: calls in it that are not complete must not be run. Try again.',
  ],
  protocol: [
    'Not the format that was expected',
    'Check that the base URL leads to the API itself, and that the provider speaks this format.',
  ],
  too_large: ['The reply is too large', 'Ask for less, or lower the maximum of tokens.'],
  api: ['The provider failed', 'The fault is on its side. Try again in a moment.'],
  authentication: ['The key was not accepted', 'Enter the key again, or make a new one.'],
  permission: [
    'The key may not do this',
    'Check the credit of the account and what the key may do.',
  ],
  rate_limited: ['Too many requests', 'Wait a little, then try again.'],
  overloaded: ['The provider is overloaded', 'Try again in a moment, or choose another model.'],
  model_not_found: ['No such model', 'Check how the provider spells the name.'],
  invalid_request: ['The request was refused', 'Change what the provider names above.'],
  context_length: [
    'The conversation is too long for this model',
    'Begin a new conversation, or choose a model with a larger context.',
  ],
  content_filtered: ['Refused for its content', 'Say it in other words.'],
  unsupported: [
    'This provider cannot do that',
    'Take the setting back that is named above, or choose another provider.',
  ],
  no_provider: ['No provider takes this model', 'Check how the provider spells the name.'],
  configuration: ['The settings do not fit', 'Change the setting that is named above.'],
  cancelled: ['Given up', 'Try again.'],
}

/** What a relay does not keep any more. */
const gone: Advice = [
  'The reply cannot be continued',
  'The relay does not keep it any more, or was started anew. Try again to ask anew.',
]

/** Explains whatever a request has failed with. */
export function explainError(
  error: unknown,
  { label, hint, isInBrowser }: Partial<Connection> = {},
): Explanation {
  if (!isRatatoskrError(error)) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      title: 'Something went wrong in this page',
      message,
      advice: 'Try again. If it happens again, load the page anew.',
      said: undefined,
      facts: [],
    }
  }
  const { code, message, status, requestId, retryAfter, provider, body } = error
  const isGone =
    provider === 'relay' && (status === 404 || status === 410) && code !== 'model_not_found'
  const [title, advice] = isGone ? gone : advices[code]
  const wait =
    retryAfter === undefined
      ? ''
      : ` ${label ?? 'It'} asks to wait ${Math.ceil(retryAfter / 1000)}\u00A0s.`
  const isOutOfReach = code === 'network' || (code === 'unsupported' && isInBrowser === true)
  const reach = isOutOfReach && hint !== undefined ? ` ${hint}` : ''
  return {
    title,
    // The page shows what these refer to.
    message: message
      .replace(/ See providerMessage\.$/, '')
      .replace(/check baseURL and error\.body\.$/, 'check the base URL.'),
    advice: `${advice}${wait}${reach}`,
    said: error.providerMessage ?? (code === 'protocol' ? beginning(body) : undefined),
    facts: [
      code,
      ...(status === undefined ? [] : [`status ${status}`]),
      ...(provider === undefined ? [] : [provider]),
      ...(requestId === undefined ? [] : [`request ${requestId}`]),
    ],
  }
}

function beginning(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= 300) return text
  return `${text.slice(0, 300)}…`
}
