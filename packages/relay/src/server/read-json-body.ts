import { RatatoskrError } from 'ratatoskr'
import { Refusal } from '../refusal.ts'

/** A request's body: its bytes as they came, and what they say. */
export interface JsonBody {
  bytes: Uint8Array<ArrayBuffer>
  value: unknown
}

/**
 * Reads a body of JSON. It is counted while it comes, so that one that is too large (413) or nests too deep (400) costs no
 * more than the limits; what a client says of its length is believed only where it is too much.
 */
export async function readJsonBody(
  request: Request,
  { bodyBytes, depth }: { bodyBytes: number; depth: number },
): Promise<JsonBody> {
  if (Number(request.headers.get('content-length')) > bodyBytes) throw tooLarge(bodyBytes)
  if (request.bodyUsed) {
    const said = 'authorize has read the body of the request; let it read request.clone().'
    throw new RatatoskrError('configuration', said)
  }
  const bytes = await readBytes(request.body, bodyBytes)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal(400, 'invalid_request', 'The body must be JSON, in UTF-8.')
  }
  if (nestsDeeper(text, depth)) {
    const said = `The body must not nest deeper than ${depth} levels.`
    throw new Refusal(400, 'invalid_request', said)
  }
  try {
    const value: unknown = JSON.parse(text)
    return { bytes, value }
  } catch {
    // The engine's own message quotes the body.
    throw new Refusal(400, 'invalid_request', 'The body must be JSON.')
  }
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let size = 0
  const reader = body?.getReader()
  for (;;) {
    const piece = await reader?.read().catch(gone)
    if (piece?.value === undefined) break
    size += piece.value.length
    if (size > limit) {
      reader?.cancel().catch(() => {})
      throw tooLarge(limit)
    }
    pieces.push(piece.value)
  }
  const bytes = new Uint8Array(size)
  let place = 0
  for (const piece of pieces) {
    bytes.set(piece, place)
    place += piece.length
  }
  return bytes
}

/** Whatever the server calls it: no body fails but by its client. */
function gone(): never {
  throw new RatatoskrError('cancelled', 'The connection was lost within the body.')
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, 'invalid_request', `The body must not be larger than ${limit} bytes.`)
}

/** Before it is parsed: what nests without end costs a parser its stack, and any check of the value too. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0
  const marks = /["[{\]}]/g
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      marks.lastIndex = endOfString(text, marks.lastIndex)
    } else if (mark[0] === '[' || mark[0] === '{') {
      depth += 1
      if (depth > limit) return true
    } else depth -= 1
  }
  return false
}

/** Past the quote that closes the string. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0
    while (text[quote - 1 - escapes] === '\\') escapes += 1
    if (escapes % 2 === 0) return quote + 1
  }
  return text.length
}
