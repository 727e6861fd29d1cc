import { hex } from './hex.ts'

/**
 * 128 random bits, made by the client: 32 hex digits, or 22 characters of base64url. Whoever asks
 * again with the same id attaches to the same reply.
 */
const form = /^(?:[0-9a-f]{32}|[\w-]{22})$/

/** Whether a text has the form of a stream's id. */
export function isStreamId(text: string): boolean {
  return form.test(text)
}

/** Makes an id, of 32 hex digits. */
export function createStreamId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return hex(bytes)
}
