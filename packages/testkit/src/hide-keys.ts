import { joinBytes } from './byte-stream.ts'

/** The headers of a request that are kept: those that no key is sent in. */
const plainHeaders = new Set([
  'accept',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
  'anthropic-version',
  'content-type',
  'http-referer',
  'openai-beta',
  'x-title',
])

/**
 * The headers of a request that a tape may hold, and what it may not: the values of all others.
 * Keys are sent in headers of any name, so those are kept that are known.
 */
export function sortHeaders(headers: Headers): {
  kept: { [name: string]: string }
  secrets: string[]
} {
  const kept: { [name: string]: string } = {}
  const secrets: string[] = []
  for (const [name, value] of headers) {
    if (plainHeaders.has(name)) kept[name] = value
    else secrets.push(value, value.replace(/^\w+\s+/, ''))
  }
  return { kept, secrets: secrets.filter((secret) => secret.length >= shortest) }
}

/** What is shorter is no key, and may be any word of the reply. */
const shortest = 8

/** The headers of a response, without cookies and what is true only of the bytes on the wire. */
export function safeResponseHeaders(headers: Headers): { [name: string]: string } {
  return Object.fromEntries(
    [...headers].filter(
      ([name]) =>
        !/cookie|authenticate|^(content-encoding|content-length|transfer-encoding|connection|keep-alive)$/.test(
          name,
        ),
    ),
  )
}

const keyNames = /key|token|secret|sig|auth|credential|password|code/i

/** An address without credentials and the keys in its query, and those keys. */
export function cleanUrl(address: string): { url: string; secrets: string[] } {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return { url: address.replace(/\?.*$/s, ''), secrets: [] }
  }
  const secrets: string[] = [url.username, url.password]
  const names = [...url.searchParams.keys()].filter((name) => keyNames.test(name))
  for (const name of names) {
    secrets.push(...url.searchParams.getAll(name))
    url.searchParams.delete(name)
  }
  url.username = ''
  url.password = ''
  return { url: url.href, secrets: secrets.filter((secret) => secret.length >= shortest) }
}

/** A text with stars in place of what is secret. */
export function hideInText(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (hidden, secret) => hidden.replaceAll(secret, '*'.repeat(secret.length)),
    text,
  )
}

/** Pieces of a body with stars in place of what is secret, also where it is cut in two. */
export function hideInPieces(
  pieces: readonly Uint8Array[],
  secrets: readonly string[],
): Uint8Array<ArrayBuffer>[] {
  const all = joinBytes(pieces)
  for (const secret of secrets) {
    const wanted = new TextEncoder().encode(secret)
    for (let at = find(all, wanted, 0); at !== -1; at = find(all, wanted, at + wanted.length)) {
      all.fill(42, at, at + wanted.length)
    }
  }
  let start = 0
  return pieces.map(({ length }) => {
    start += length
    return all.slice(start - length, start)
  })
}

function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (
    let at = bytes.indexOf(wanted[0] ?? 0, from);
    at !== -1;
    at = bytes.indexOf(wanted[0] ?? 0, at + 1)
  ) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at
  }
  return -1
}
