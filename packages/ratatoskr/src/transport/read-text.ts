/** Reads the beginning of a body as text, and gives up the rest. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string> {
  if (body === null) return ''
  const reader = body.getReader()
  const utf8 = new TextDecoder()
  let text = ''
  let size = 0
  try {
    while (size < maxBytes) {
      const { done, value } = await reader.read()
      if (done) return text + utf8.decode()
      size += value.length
      text += utf8.decode(value, { stream: true })
    }
  } catch {
    // A body that breaks off explains as much as had come.
  }
  reader.cancel().catch(() => {})
  return text
}
