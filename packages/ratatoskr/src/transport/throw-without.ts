import { isRatatoskrError } from '../errors.ts'

/**
 * Throws an error without what the headers carry, a key above all: a provider may echo the key
 * that it refuses, with any character escaped as JSON allows.
 */
export function throwWithout(headers: { readonly [name: string]: string }, error: unknown): never {
  if (isRatatoskrError(error)) {
    for (const header of Object.values(headers)) {
      const secret = header.replace(/^\w+ /, '')
      const hide = (text = ''): string => {
        const plain = text.replace(/\\(?:u00(..)|(.))/g, (_, code: string, character: string) =>
          code ? String.fromCharCode(Number(`0x${code}`)) : character,
        )
        // A long text was cut, perhaps in the middle of the key.
        const end = text[4095] ? -secret.length : undefined
        if (!secret[7]) return text
        return (plain.includes(secret) ? plain.replaceAll(secret, '[hidden]') : text).slice(0, end)
      }
      error.body &&= hide(error.body)
      error.providerMessage &&= hide(error.providerMessage)
    }
  }
  throw error
}
