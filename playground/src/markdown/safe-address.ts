/** Longer ones are never links; it also bounds what is held back of an address while it comes. */
export const longestAddress = 2048

/** Blanks, control characters, and marks that turn the direction of writing: none of them belongs into an address. */
const unfit =
  /[\u0000-\u0020\u007F-\u00A0\u061C\u1680\u180E\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF\uFFF0-\uFFFF\\]/
const allowed = /^(?:https?:\/\/(?![/?#])|mailto:(?=.))/i

/**
 * The address of a link of a reply, or `undefined` when it must not become a link. The slashes are demanded literally:
 * `new URL` takes `https:host`, `https:\\host` and `https:///host` for the same thing, and drops tabs and line ends.
 */
export function safeAddress(text: string): URL | undefined {
  if (
    text.length > longestAddress ||
    unfit.test(text) ||
    !allowed.test(text) ||
    !URL.canParse(text)
  )
    return undefined
  const url = new URL(text)
  // `https://bank.example@evil.example` shows one host and opens another.
  return url.username === '' && url.password === '' ? url : undefined
}

/** What stands between the parentheses of `[text](address "title")`, without the title and the angle brackets. */
export function destination(source: string): string {
  const trimmed = source.replace(/^ +| +$/g, '')
  const bare = /^([^ ]+) +(?:"[^"]*"|'[^']*'|\([^()]*\))$/.exec(trimmed)?.[1] ?? trimmed
  return /^<[^<>]*>$/.test(bare) ? bare.slice(1, -1) : bare
}

/** How much of a bare address is the address: a sentence's own punctuation after it is not. */
export function bareAddressLength(text: string): number {
  let opened = 0
  for (const char of text) opened += char === '(' ? 1 : char === ')' ? -1 : 0
  let length = text.length
  for (; length > 0; length--) {
    const last = text.charAt(length - 1)
    if (last === ')' && opened < 0) opened++
    else if (!/[.,;:!?'"*_~\]}]/.test(last)) break
  }
  return length
}
