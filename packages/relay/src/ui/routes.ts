import type { Message } from 'ratatoskr'
import type { Caller } from '../caller.ts'
import { encodeFailure } from '../chat/encode-failure.ts'
import { answerReply } from '../server/answer-reply.ts'
import { checkBody } from '../server/check-body.ts'
import { putContinuationsBack } from '../server/kept-continuations.ts'
import type { RelayCore } from '../server/relay-core.ts'
import { requestIdHeaders } from '../server/request-id.ts'
import type { FailureAnswer, Route, RouteContext } from '../server/route.ts'
import { decodeUiMessages } from './decode-ui-messages.ts'
import { uiBody } from './ui-message-schema.ts'
import { uiMessageStream, uiMessageStreamHeaders } from './ui-message-stream.ts'

/** What `useChat` of the AI SDK speaks. */
export const uiRoutes: readonly Route[] = [
  { method: 'POST', path: '/ui-message-stream', handle: post, encodeError },
  // `resume` asks here for a reply that is still running: there is none, for it ends with its connection.
  {
    method: 'GET',
    path: '/ui-message-stream/:id*',
    handle: async () => new Response(null, { status: 204 }),
    encodeError,
  },
]

async function post(context: RouteContext): Promise<Response> {
  const { request, caller, core } = context
  const { value } = await core.readBody(request)
  const { messages: sent, options } = checkBody(uiBody, value)
  const messages = await verified(core, caller, decodeUiMessages(sent))
  return answerReply(context, {
    messages: await putContinuationsBack(core.continuationStore, caller, messages),
    options: core.allow(caller, messages, options),
    encoder: uiMessageStream,
    headers: uiMessageStreamHeaders,
    async prepare(event) {
      if (event.type !== 'done' || !event.continuation) return event
      const { continuation, ...rest } = event
      const signed = await core.continuations.sign(caller, continuation)
      return { ...rest, ...(signed && { continuation: signed }) }
    },
  })
}

/**
 * The messages with what the relay has signed. What it has not, or with a key that it has no more, is left out: a page
 * keeps its messages for longer than a relay may run, and cannot take a part out of them.
 */
function verified(
  core: RelayCore,
  caller: Caller,
  messages: readonly Message[],
): Promise<Message[]> {
  return Promise.all(
    messages.map(async (message) => {
      if (message.role !== 'assistant' || !message.continuation) return message
      const { continuation: sent, ...rest } = message
      const continuation = await core.continuations.verify(caller, sent).catch(() => undefined)
      return { ...rest, ...(continuation && { continuation }) }
    }),
  )
}

function encodeError(error: unknown, request: Request): FailureAnswer {
  const { status, headers, body } = encodeFailure(error)
  return { status, headers: { ...headers, ...requestIdHeaders(request) }, body }
}
