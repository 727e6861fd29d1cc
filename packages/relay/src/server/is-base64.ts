// One class of characters, so that its time is linear in what a client sends.
const form = /^[\w+/=\s-]*$/

/** Whether a text has only characters of base64 or base64url, and line ends as some write it. */
export function isBase64(text: string): boolean {
  return form.test(text)
}
