import type { Provider } from 'ratatoskr'
import { openaiChat } from 'ratatoskr/dialects'
import { httpProvider, type HttpProviderOptions } from 'ratatoskr/openai-compatible'
import type { DialectUnderTest } from '../../packages/ratatoskr/test/dialects.ts'
import { framesOf, replyDecoderOf } from '../../packages/ratatoskr/test/reply-parts.ts'

/** A provider as people make one of their own: of the parts of a dialect, with a limit of events. */
export function limitedProvider(
  dialect: DialectUnderTest,
  maxEventSize: number,
  fetch: HttpProviderOptions['fetch'],
): Provider {
  return httpProvider({
    name: 'limited',
    url: 'http://test.invalid/',
    fetch,
    encodeRequest: (request) => openaiChat.encodeRequest(request),
    decodeReply: (options) => replyDecoderOf(dialect, framesOf(dialect, { maxEventSize }), options),
  })
}
