import type { ReplyEncoder, SseFrame } from 'ratatoskr/dialects'

/** The frame with which an encoder reports a failure. */
export function frameOf(encoder: ReplyEncoder, error: unknown): SseFrame {
  let written: SseFrame = { data: '' }
  encoder.fail(error, (frame) => {
    written = frame
  })
  return written
}
