import { createCollector } from './collector.ts'
import { isRatatoskrError, RatatoskrError } from './errors.ts'
import type { ChatEvent } from './event.ts'
import type { ChatResponse } from './response.ts'
import { iterate } from './streams/iterate.ts'

/**
 * Collects events into one response: those of a stream, or of anything that can be iterated.
 *
 * Rejects with code `truncated` where the events end without `done`; what was collected until
 * then is in the error's `partial`.
 *
 * @example
 * ```ts
 * import { collect } from 'ratatoskr'
 *
 * const response = await collect([
 *   { type: 'content', text: 'Hello' },
 *   { type: 'done', finishReason: 'stop' },
 * ])
 * console.log(response.content)
 * ```
 */
export async function collect(
  events: ReadableStream<ChatEvent> | AsyncIterable<ChatEvent> | Iterable<ChatEvent>,
  options: { maxResponseBytes?: number } = {},
): Promise<ChatResponse> {
  const collector = createCollector(options.maxResponseBytes)
  // WebKit's streams are not iterable.
  const source = events instanceof ReadableStream ? iterate(events) : events
  try {
    for await (const event of source) {
      collector.add(event)
      if (event.type === 'done') {
        return { ...collector.partial(), finishReason: event.finishReason }
      }
    }
    throw new RatatoskrError(
      'truncated',
      'Cannot collect the reply: its events ended without done, so it was cut off. ' +
        'What had arrived is in error.partial.',
    )
  } catch (error) {
    if (isRatatoskrError(error)) error.partial ??= collector.partial()
    throw error
  }
}
