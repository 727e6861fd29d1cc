import { RatatoskrError, type Continuation } from 'ratatoskr'
import { is } from 'valibot'
import type { Caller } from '../caller.ts'
import { Refusal } from '../refusal.ts'
import { relayContinuation } from '../wire/relay-continuation.ts'
import { canonicalJson } from './canonical-json.ts'
import { fitsDialect } from './continuation-schema.ts'

/** Signs what a provider wants back, and checks what comes back. */
export interface ContinuationSigner {
  /** Undefined where it would be refused when it comes back: too large, or not of its dialect. */
  sign(caller: Caller, continuation: Continuation): Promise<Continuation | undefined>
  /** The provider's own. Throws a `Refusal` for anything that this relay did not give to this caller. */
  verify(caller: Caller, continuation: Continuation): Promise<Continuation>
}

const algorithm = { name: 'HMAC', hash: 'SHA-256' }
const shortestKey = 16

/** In bytes of JSON. */
const largest = 2 ** 18

/**
 * Makes a signer: HMAC-SHA-256 over the caller, the dialect and the canonical JSON of the data. Throws with code
 * `configuration` for a key that can be guessed.
 */
export function createContinuationSigner(
  signingKey: string | CryptoKey | undefined,
): ContinuationSigner {
  if (typeof signingKey === 'string' && signingKey.length < shortestKey) {
    const rule = `signingKey must be a random text of at least ${shortestKey} characters.`
    throw new RatatoskrError('configuration', rule)
  }
  let imported: Promise<CryptoKey> | undefined
  const key = (): Promise<CryptoKey> => (imported ??= importKey(signingKey))

  return {
    async sign(caller, { dialect, data }) {
      const text = canonicalJson(data)
      const bytes = signed(caller, dialect, text)
      if (!isSmall(text) || !fitsDialect(dialect, data)) return undefined
      const signature = await crypto.subtle.sign(algorithm, await key(), bytes)
      return { dialect: 'relay', data: { dialect, data, signature: base64url(signature) } }
    },
    async verify(caller, continuation) {
      if (!is(relayContinuation, continuation)) throw refused()
      const { dialect, data, signature } = continuation.data
      const text = canonicalJson(data)
      const given = fromBase64url(signature)
      const isRight =
        given !== undefined &&
        isSmall(text) &&
        (await crypto.subtle.verify(algorithm, await key(), given, signed(caller, dialect, text)))
      if (!isRight || !fitsDialect(dialect, data)) throw refused()
      return { dialect, data }
    },
  }
}

function refused(): Refusal {
  const said =
    'A continuation must be one that this relay gave to this caller, unchanged; leave it out to go on without.'
  return new Refusal(400, 'invalid_request', said)
}

function importKey(key: string | CryptoKey | undefined): Promise<CryptoKey> {
  if (typeof key === 'object') return Promise.resolve(key)
  const raw =
    key === undefined ? crypto.getRandomValues(new Uint8Array(32)) : new TextEncoder().encode(key)
  return crypto.subtle.importKey('raw', raw, algorithm, false, ['sign', 'verify'])
}

function isSmall(text: string): boolean {
  return text.length <= largest && new TextEncoder().encode(text).length <= largest
}

/** A list, so that no part can be moved into another. */
function signed({ id }: Caller, dialect: string, data: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([id, dialect, data]))
}

function base64url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]{43}$/.test(text)) return undefined
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
    char.charCodeAt(0),
  )
}
