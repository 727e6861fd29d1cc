import { hex } from '../wire/hex.ts'

const ids = new WeakMap<Request, string>()

/** The relay's own id of a request, for its log and for the client: the same at every call. */
export function requestIdOf(request: Request): string {
  let id = ids.get(request)
  if (id === undefined) {
    const bytes = crypto.getRandomValues(new Uint8Array(12))
    id = `req_${hex(bytes)}`
    ids.set(request, id)
  }
  return id
}

/** The headers that tell it: OpenAI's, and Anthropic's. */
export function requestIdHeaders(request: Request): { [name: string]: string } {
  const id = requestIdOf(request)
  return { 'x-request-id': id, 'request-id': id }
}
