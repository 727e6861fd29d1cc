import type { ChatEvent, DoneEvent, Message } from 'ratatoskr'
import type { AskedChat } from '../chat/stream-host.ts'
import type { Caller } from '../caller.ts'
import type { RelayCore } from './relay-core.ts'

/**
 * Begins a reply of `/chat`: the events as a client gets them, their continuation signed for this caller.
 */
export function beginChat(
  core: RelayCore,
  { caller, messages, options }: AskedChat,
  signal: AbortSignal,
): Promise<ReadableStream<ChatEvent>> {
  const sign = async ({ continuation, ...rest }: DoneEvent): Promise<DoneEvent> => {
    const signed = continuation && (await core.continuations.sign(caller, continuation))
    return { ...rest, ...(signed && { continuation: signed }) }
  }
  return core.open(caller, messages, { ...options, signal }, (event) =>
    event.type === 'done' && event.continuation ? sign(event) : event,
  )
}

/** The messages with the providers' own continuations. Refuses what this relay did not sign for this caller. */
export function verifyMessages(
  core: RelayCore,
  caller: Caller,
  messages: readonly Message[],
): Promise<Message[]> {
  return Promise.all(
    messages.map(async (message) =>
      message.role === 'assistant' && message.continuation
        ? {
            ...message,
            continuation: await core.continuations.verify(caller, message.continuation),
          }
        : message,
    ),
  )
}
