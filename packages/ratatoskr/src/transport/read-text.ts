import { within } from './within.ts'

/**
 * Reads the beginning of a body as text, and gives up the rest.
 *
 * @param idle Milliseconds of silence that are taken as the end.
 */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  maxLength: number,
  idle: number | false,
): Promise<string> {
  const reader = body?.getReader()
  const over = Promise.resolve({ done: true, value: undefined } as const)
  const utf8 = new TextDecoder()
  let text = ''
  try {
    while (text.length < maxLength) {
      const reading = reader?.read() ?? over
      const { done, value } = await within(reading, idle, () => over)
      if (done) break
      text += utf8.decode(value, { stream: true })
    }
  } catch {
    // A body that breaks off, or falls silent, explains as much as had come.
  }
  reader?.cancel().catch(() => {})
  return text.slice(0, maxLength)
}
