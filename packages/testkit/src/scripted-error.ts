import { RatatoskrError, type ErrorCode } from 'ratatoskr'

/** What services say, where the script has no words of its own: some formats have nothing else. */
const messages: { readonly [code in ErrorCode]?: string } = {
  overloaded: 'Overloaded',
  rate_limited: 'Rate limit reached',
  authentication: 'Invalid API key',
  permission: 'Permission denied',
  model_not_found: 'The model was not found',
  context_length: 'The prompt is too long for the context window',
  content_filtered: 'Stopped by the content filter',
  invalid_request: 'The request is invalid',
  timeout: 'The request timed out',
}

/** The error that a script or a fault asks for, for the service to write. */
export function scriptedError({
  code = 'overloaded',
  message = messages[code] ?? 'The service failed',
}: {
  code?: ErrorCode
  message?: string
}): RatatoskrError {
  return new RatatoskrError(code, message)
}
