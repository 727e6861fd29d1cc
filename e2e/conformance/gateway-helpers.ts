import { createGateway, isRatatoskrError, user } from 'ratatoskr'
import type { ChatEvent, ChatOptions, ChatStream, RatatoskrError } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import type { Decoder } from 'ratatoskr/dialects'
import { fail, ok } from './assert.ts'
import type { FixtureDialect } from './dialects.ts'
import { newId } from './server.ts'
import type { ConformanceContext } from './types.ts'
import { text } from '../server/replies.mjs'

type GatewayOptions = Omit<Parameters<typeof createGateway>[0], 'providers'>
type ProviderOptions = Parameters<typeof openaiCompatible>[0]

export const gatewayOf = (
  context: ConformanceContext,
  options: GatewayOptions = {},
  provider: Partial<ProviderOptions> = {},
): ReturnType<typeof createGateway> =>
  createGateway({
    providers: [
      openaiCompatible({
        name: 'fixture',
        baseURL: context.baseURL,
        apiKey: 'key-e2e',
        ...provider,
      }),
    ],
    retry: false,
    ...options,
  })

export const messages = [user('Tell me a story of a squirrel.')]

/** A stream of the fixture server's reply of that name. */
export const open = (
  context: ConformanceContext,
  model: string,
  options: Partial<ChatOptions> & { id?: string; dialect?: FixtureDialect['name'] } = {},
): Promise<ChatStream> => {
  const { id = newId(), dialect, ...rest } = options
  if (dialect === 'anthropic') {
    const provider = anthropic({ apiKey: 'key-e2e', baseURL: context.baseURL })
    return createGateway({ providers: [provider], retry: false }).chatStream(messages, {
      model,
      providerOptions: { metadata: { user_id: id } },
      ...rest,
    })
  }
  return gatewayOf(context).chatStream(messages, {
    model,
    providerOptions: { user: id },
    ...rest,
  })
}

export interface Outcome {
  readonly events: readonly ChatEvent[]
  readonly error?: unknown
}

/** All events until the end, and the error if it ended with one. */
export async function outcome(iterable: AsyncIterable<ChatEvent>): Promise<Outcome> {
  const events: ChatEvent[] = []
  try {
    for await (const event of iterable) events.push(event)
  } catch (error) {
    return { events, error }
  }
  return { events }
}

/** The same of a stream that may not even open. */
export const outcomeOf = (opening: Promise<ChatStream>): Promise<Outcome> =>
  opening.then(outcome, (error: unknown) => ({ events: [], error }))

/** Adjacent deltas joined, so that the pieces in which they came do not matter. */
export function canonical(events: readonly ChatEvent[]): readonly ChatEvent[] {
  const result: ChatEvent[] = []
  for (const event of events) {
    const last = result.at(-1)
    if (
      (event.type === 'content' || event.type === 'reasoning' || event.type === 'refusal') &&
      last?.type === event.type
    ) {
      result[result.length - 1] = { ...event, text: last.text + event.text }
    } else if (
      event.type === 'tool_call_delta' &&
      last?.type === 'tool_call_delta' &&
      last.index === event.index
    ) {
      result[result.length - 1] = { ...event, arguments: last.arguments + event.arguments }
    } else {
      result.push(event)
    }
  }
  return result
}

export function ratatoskrError(error: unknown, what: string): RatatoskrError {
  return isRatatoskrError(error) ? error : fail(`${what}: not a RatatoskrError: ${String(error)}`)
}

export const usageEvent: ChatEvent = {
  type: 'usage',
  usage: {
    promptTokens: 11,
    completionTokens: 7,
    totalTokens: 18,
    reasoningTokens: 2,
    cachedTokens: 3,
  },
}

export const doneEvent = {
  type: 'done',
  finishReason: 'stop',
  rawFinishReason: 'stop',
  model: 'fixture-1',
  id: 'chatcmpl-e2e',
} as const satisfies ChatEvent

/** What the reply `text` is made of. */
export const textEvents: readonly ChatEvent[] = [{ type: 'content', text }, usageEvent, doneEvent]

/** The same in the other dialect's words. */
export const anthropicTextEvents: readonly ChatEvent[] = [
  { type: 'content', text },
  usageEvent,
  { ...doneEvent, rawFinishReason: 'end_turn', id: 'msg_e2e' },
]

/** Lets a decoder chain have the bytes in pieces of one size. */
export function decode(
  decoder: Decoder<Uint8Array, ChatEvent>,
  bytes: Uint8Array,
  size: number,
): Outcome {
  const events: ChatEvent[] = []
  const emit = (event: ChatEvent): void => {
    events.push(event)
  }
  try {
    for (let at = 0; at < bytes.length; at += size)
      decoder.push(bytes.subarray(at, at + size), emit)
    decoder.end(emit)
  } catch (error) {
    return { events, error }
  }
  return { events }
}

/** What is compared of an outcome. */
export const comparable = ({ events, error }: Outcome): unknown => ({
  events: canonical(events),
  code: isRatatoskrError(error) ? error.code : undefined,
  failed: error !== undefined,
})

/** Ids that are made up differ from reply to reply, also where the continuation names them. */
export function withoutIds({ events, error }: Outcome): unknown {
  let json = JSON.stringify(events)
  for (const event of events) {
    if (event.type !== 'tool_call_start') continue
    json = json.replaceAll(JSON.stringify(event.id), `"call ${event.index}"`)
  }
  return comparable({ events: JSON.parse(json) as ChatEvent[], error })
}

export function bodyOf(response: Response): ReadableStream<Uint8Array<ArrayBuffer>> {
  ok(response.body, 'the response has a body')
  return response.body
}
