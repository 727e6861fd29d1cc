/** A piece of text with which a format carries one message: an SSE event or a line. */
export interface TextFrame {
  data: string
  /** The input ended in the middle of it, so it may be cut. */
  unfinished?: true
  /** Not part of any event; emitted only where the decoder was asked for it. */
  stray?: true
}

/** Limits of a frame decoder. */
export interface FrameLimits {
  /** The largest event or line, in UTF-16 units and 32 more for each line kept. Default: 64 Mi. */
  maxEventSize?: number
}
