/** Reads the beginning of a body as text, and gives up the rest. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string> {
  const reader = body?.getReader()
  const utf8 = new TextDecoder()
  let text = ''
  try {
    while (text.length < maxBytes) {
      const { done = true, value } = (await reader?.read()) ?? {}
      if (done) break
      text += utf8.decode(value, { stream: true })
    }
  } catch {
    // A body that breaks off explains as much as had come.
  }
  reader?.cancel().catch(() => {})
  return text.slice(0, maxBytes)
}
