import type { Decoder } from '../decoder.ts'
import { checkSize, defaultLimit } from '../errors.ts'
import type { TextFrame } from './text-frame.ts'

/**
 * Decodes bytes into one frame, the whole body: for a host that was asked to stream and answered
 * with one JSON value. Throws a `RatatoskrError` with code `too_large` above 64 Mi characters.
 */
export function wholeBody(): Decoder<Uint8Array, TextFrame> {
  const utf8 = new TextDecoder()
  let data = ''
  return {
    push(bytes) {
      data += utf8.decode(bytes, { stream: true })
      checkSize('maxEventSize', data.length, defaultLimit)
    },
    end(emit) {
      emit({ data })
    },
  }
}
