import type { ChatEvent, ChatStream, Usage } from 'ratatoskr'

/** What happens to the events of a reply on their way through. */
export interface RelayedEventsOptions {
  /** Changes an event; most are given back as they are. */
  prepare?: ((event: ChatEvent) => ChatEvent | Promise<ChatEvent>) | undefined
  /** The reply is over, or was given up: what it has used, where the provider said it. Called once. */
  onEnd: (usage: Usage | undefined, answeredBy: string | undefined) => void
  /** Changes what a failure says. */
  mask: (error: unknown) => unknown
}

/** A reply's events, read on demand. */
export function relayedEvents(
  stream: ChatStream,
  { prepare, onEnd, mask }: RelayedEventsOptions,
): ReadableStream<ChatEvent> {
  const events = stream.values()
  let usage: Usage | undefined
  let over = false
  const end = (answeredBy?: string): void => {
    if (over) return
    over = true
    onEnd(usage, answeredBy)
  }
  return new ReadableStream<ChatEvent>(
    {
      async pull(controller) {
        try {
          const { value } = await events.next()
          if (value?.type === 'usage') usage = value.usage
          const made = value && prepare ? prepare(value) : value
          // Waited for only where it must be: an event costs little more than a turn of the loop.
          const event = made instanceof Promise ? await made : made
          if (event) controller.enqueue(event)
          if (!event || event.type === 'done') {
            end(event?.model)
            controller.close()
          }
        } catch (error) {
          end()
          // It may be `prepare` that has failed.
          await events.return()
          // A throw would do the same, but for the mask.
          controller.error(mask(error))
        }
      },
      async cancel() {
        end()
        await events.return()
      },
    },
    { highWaterMark: 0 },
  )
}
