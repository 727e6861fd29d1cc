import { isRatatoskrError, type ErrorCode, type RatatoskrError } from 'ratatoskr'
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

/** What a relay's client says of a connection that it could not bring back. */
const lost = /; resume\(\) continues .*$/

/** What only a relay fails with. */
function relayAdvice({ code, message, status, body }: RatatoskrError): Advice | undefined {
  if (lost.test(message)) {
    const advice =
      'What had come is kept. Continue goes on with the reply, as long as the relay has it.'
    return ['The connection was lost', advice]
  }
  // What has a body is the word of something else, at another address.
  const isRelays = body === undefined && code !== 'model_not_found'
  if (isRelays && (status === 404 || status === 410)) {
    const advice = 'The relay has it no more, or was started anew. Try again to ask anew.'
    return ['The reply cannot be continued', advice]
  }
  return undefined
}

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
  const [title, advice] = (provider === 'relay' && relayAdvice(error)) || advices[code]
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
      .replace(lost, '.')
      .replace(/[.;] [Ss]ee providerMessage\.$/, '.')
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
