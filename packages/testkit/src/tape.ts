import { RatatoskrError } from 'ratatoskr'
import { misfitOf } from 'ratatoskr/dialects'

/**
 * A recorded reply: the bytes that came, when each chunk came, and to which request. Plain JSON,
 * kept in files that end in `.tape.json`. It never holds a key.
 */
export interface Tape {
  /** Of this format: 1. */
  tape: 1
  /** When it was recorded: ISO 8601. */
  recorded?: string
  /** What somebody wants to say about it. */
  note?: string
  request: TapeRequest
  response: TapeResponse
  chunks: TapeChunk[]
  end: TapeEnd
}

/** The request, without keys: of its headers only those that cannot hold one. */
export interface TapeRequest {
  method: string
  /** Without what looks like a key in its query. */
  url: string
  headers: { [name: string]: string }
  /** Only where it was asked for. */
  body?: string
}

/** How the response began. */
export interface TapeResponse {
  status: number
  headers: { [name: string]: string }
  /** Milliseconds from the request to the headers. */
  at: number
}

/** A chunk of the body: text where it is whole UTF-8, else base64. */
export type TapeChunk = {
  /** Milliseconds from the request. */
  at: number
} & ({ text: string; base64?: never } | { base64: string; text?: never })

/** How the body ended. */
export interface TapeEnd {
  /** Milliseconds from the request. */
  at: number
  /**
   * `close`: properly. `cancel`: its reader wanted no more, as readers do that have seen the last
   * event. `abort`: the request's signal. `error`: the connection broke.
   */
  how: 'close' | 'cancel' | 'abort' | 'error'
  /** What the error said. */
  message?: string
}

/**
 * Reads a tape. Throws a `RatatoskrError` with code `invalid_request` that names the field that is
 * wrong.
 *
 * @param source The text of a file, or its JSON already parsed.
 *
 * @example
 * ```ts
 * import { parseTape, stringifyTape, tapeFromBytes } from '@ratatoskr/testkit'
 *
 * const text = stringifyTape(tapeFromBytes('data: [DONE]\n\n'))
 * console.log(parseTape(text).chunks.length)
 * ```
 */
export function parseTape(source: unknown): Tape {
  let value = source
  if (typeof source === 'string') {
    try {
      value = JSON.parse(source)
    } catch {
      throw notATape(': it is no JSON')
    }
  }
  if (isTape(value)) return value
  throw notATape(problemOf(value))
}

/** The text of a tape's file. */
export function stringifyTape(tape: Tape): string {
  return `${JSON.stringify(tape, null, 1)}\n`
}

/** What a tape made by hand is of. */
export interface TapeFromBytesOptions {
  /** Default: `text/event-stream`. */
  contentType?: string
  /** Default: 200. */
  status?: number
  headers?: { readonly [name: string]: string }
  /** Tells which service it is of. Default: one of Chat Completions. */
  url?: string
  note?: string
  /** Milliseconds between the chunks. Default: 0. */
  delay?: number
}

/**
 * Makes a tape of a body: a text, its bytes, or its chunks.
 *
 * @example
 * ```ts
 * import { replay, tapeFromBytes } from '@ratatoskr/testkit'
 *
 * const tape = tapeFromBytes('{"error":{"message":"Slow down"}}', {
 *   status: 429,
 *   contentType: 'application/json',
 * })
 * const response = await replay(tape)('https://example.com/v1/chat/completions')
 * console.log(response.status)
 * ```
 */
export function tapeFromBytes(
  body: string | Uint8Array | readonly Uint8Array[],
  options: TapeFromBytesOptions = {},
): Tape {
  const { contentType = 'text/event-stream', status = 200, headers = {}, delay = 0 } = options
  const { url = 'https://simulated.test/v1/chat/completions', note } = options
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const pieces = bytes instanceof Uint8Array ? [bytes] : bytes
  const chunks = pieces.map((piece, i) => toChunk(piece, i * delay))
  return {
    tape: 1,
    ...(note !== undefined && { note }),
    request: { method: 'POST', url, headers: {} },
    response: { status, headers: { 'content-type': contentType, ...headers }, at: 0 },
    chunks,
    end: { at: chunks.at(-1)?.at ?? 0, how: 'close' },
  }
}

/** A chunk as a tape keeps it. */
export function toChunk(bytes: Uint8Array, at: number): TapeChunk {
  try {
    // With its BOM, where it has one.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { at, text }
  } catch {
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    return { at, base64 }
  }
}

/** The bytes of a chunk. */
export function bytesOf({ text, base64 }: TapeChunk): Uint8Array<ArrayBuffer> {
  if (text !== undefined) return new TextEncoder().encode(text)
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

function isHeader([name, value]: readonly [string, unknown]): boolean {
  try {
    return new Headers([[name, String(value)]]).has(name)
  } catch {
    return false
  }
}

function isTape(value: unknown): value is Tape {
  return problemOf(value) === undefined
}

/** What is wrong with a tape; undefined where nothing is. */
function problemOf(value: unknown): string | undefined {
  if (!isObject(value)) return ': it is no object'
  const { tape, request, response, chunks, end } = value
  if (tape !== 1) return `: .tape must be 1, the version of the format`
  for (const [name, part] of Object.entries({ request, response, chunks, end })) {
    if (part == null) return `: .${name} is missing`
  }
  const wrong = misfitOf(shape)(value)
  if (wrong !== undefined) return `: ${wrong}`
  const fields = { request: ['method', 'url'], response: ['status', 'at'], end: ['at', 'how'] }
  for (const [name, needed] of Object.entries(fields)) {
    const part = value[name]
    const missing = needed.find((field) => !isObject(part) || part[field] == null)
    if (missing) return `: .${name}.${missing} is missing`
  }
  for (const [name, part] of Object.entries({ request, response })) {
    const headers = isObject(part) ? part['headers'] : undefined
    if (!isObject(headers)) return `: .${name}.headers must be an object`
    const odd = Object.keys(headers).find((header) => typeof headers[header] !== 'string')
    if (odd !== undefined) return `: .${name}.headers.${odd} is no string`
    const bad = Object.entries(headers).find((header) => !isHeader(header))
    if (bad !== undefined) return `: .${name}.headers holds what is no header`
  }
  if (!isObject(end) || !['close', 'cancel', 'abort', 'error'].includes(String(end['how']))) {
    return ': .end.how must be close, cancel, abort or error'
  }
  if (!isObject(response) || !isStatus(response['status'])) {
    return ': .response.status must be a status from 200 to 599'
  }
  return problemOfChunks(Array.isArray(chunks) ? chunks : [])
}

function problemOfChunks(chunks: readonly unknown[]): string | undefined {
  for (const [i, chunk] of chunks.entries()) {
    const { at, text, base64 } = isObject(chunk) ? chunk : {}
    if (at == null) return `: .chunks.${i}.at is missing`
    if ((text == null) === (base64 == null)) return `: .chunks.${i} must have text or base64`
    if (typeof base64 !== 'string') continue
    try {
      atob(base64)
    } catch {
      return `: .chunks.${i}.base64 is no base64`
    }
  }
  return undefined
}

const shape = {
  recorded: 'string',
  note: 'string',
  request: { method: 'string', url: 'string', headers: {}, body: 'string' },
  response: { status: 'number', headers: {}, at: 'number' },
  chunks: [{ at: 'number', text: 'string', base64: 'string' }],
  end: { at: 'number', how: 'string', message: 'string' },
} as const

/** Statuses that a `Response` can be made with. */
function isStatus(status: unknown): boolean {
  return typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notATape(problem = ''): RatatoskrError {
  return new RatatoskrError(
    'invalid_request',
    `This is no tape${problem}. Record one with record().`,
  )
}
