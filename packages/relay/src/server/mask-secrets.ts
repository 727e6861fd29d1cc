import { isRatatoskrError } from 'ratatoskr'

/** What keys of the known services look like, and what stands behind the words that announce one. */
const keys =
  /\b(?:sk|pk|rk|gsk|xai|pplx|hf|nvapi|csk|fw|tgp|r8|ghp)[-_][\w-]{12,}|\b(?:AIza|AKIA|ASIA)[\w-]{12,}|\b(?:bearer|basic)\s+[\w.~+/=-]{8,}|\b(?:api[-_ ]?key|token|secret)["']?\s*(?:[:=]|provided:?)\s*["']?[^\s"',;]{8,}/gi

/** Masks what must not leave: the secrets that are named, and what looks like a key. */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  const named = namedSecretMask(secrets)
  return (text) => named(text).replace(keys, '***')
}

/** Masks the secrets that are named, and nothing else: for names of models and the like, which may look like keys. */
export function namedSecretMask(secrets: readonly string[]): (text: string) => string {
  // The longest first, for one may be a part of another.
  const named = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length)
  return (text) => named.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
}

/** Masks what an error says, in place: some providers repeat the key that they refuse. */
export function maskError(error: unknown, mask: (text: string) => string): unknown {
  if (!isRatatoskrError(error)) return error
  error.message = mask(error.message)
  if (error.providerMessage !== undefined) error.providerMessage = mask(error.providerMessage)
  if (error.body !== undefined) error.body = mask(error.body)
  if (error.requestId !== undefined) error.requestId = mask(error.requestId)
  return error
}
