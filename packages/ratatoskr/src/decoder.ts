/**
 * One step of the chain, without any input or output of its own: synchronous, pure, and the same
 * whether the gateway, a stream or a test drives it.
 *
 * @typeParam In - what goes in, in pieces of any size
 * @typeParam Out - what comes out, as soon as it is whole
 */
export interface Decoder<In, Out> {
  /** Takes the next piece and emits what it completes. Throws after having emitted what was good. */
  push(input: In, emit: (output: Out) => void): void
  /** The input is over. Emits what is left; throws when the input may not end here. */
  end(emit: (output: Out) => void): void
}

/**
 * Two steps as one.
 *
 * @example
 * ```ts
 * import { JsonDecoder, openaiChat, pipe, SseDecoder } from 'ratatoskr/dialects'
 *
 * const decoder = pipe(new SseDecoder(), new JsonDecoder(openaiChat.frame))
 * decoder.push(new TextEncoder().encode('data: {"choices":[]}\n\n'), (chunk) => void chunk)
 * ```
 */
export function pipe<In, Between, Out>(
  first: Decoder<In, Between>,
  second: Decoder<Between, Out>,
): Decoder<In, Out> {
  // One closure for the whole stream: a new one for each push costs an allocation a chunk.
  let sink: (output: Out) => void = () => {}
  const forward = (between: Between): void => {
    second.push(between, sink)
  }
  return {
    push(input, emit) {
      sink = emit
      first.push(input, forward)
    },
    end(emit) {
      sink = emit
      first.end(forward)
      second.end(emit)
    },
  }
}
