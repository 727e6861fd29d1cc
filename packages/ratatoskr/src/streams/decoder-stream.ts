import type { Decoder } from '../decoder.ts'

/** A decoder whose output has a form for a failure: then the stream ends with it, and does not fail. */
interface FailureDecoder<In, Out> extends Decoder<In, Out> {
  fail?(error: unknown, emit: (output: Out) => void): void
}

/**
 * A decoder as a stage of a stream chain, for `pipeThrough`: a pair of streams, as the platform's
 * own `TextDecoderStream` is.
 *
 * Not a `TransformStream`: one of those drops what a call has enqueued when the same call throws,
 * while here what was decoded before a failure is delivered before it. It decodes only for a
 * waiting reader, and hears of being cancelled, which no browser's `Transformer` does.
 */
export class DecoderStream<In, Out> {
  readonly readable: ReadableStream<Out>
  readonly writable: WritableStream<In>

  /** @param isOver tells that the decoder wants no more input, though there may be some. */
  constructor(decoder: FailureDecoder<In, Out>, isOver: () => boolean = () => false) {
    const stage = new Stage(decoder, isOver)
    this.readable = new ReadableStream<Out>(
      {
        start(controller) {
          stage.output = controller
        },
        pull: () => stage.pull(),
        cancel(reason) {
          stage.cancel(reason)
        },
      },
      { highWaterMark: 0 },
    )
    this.writable = new WritableStream<In>({
      start(controller) {
        stage.input = controller
      },
      write: (chunk) => stage.write(chunk),
      close: () => stage.close(),
      abort(reason) {
        stage.fail(reason)
      },
    })
  }
}

class Stage<In, Out> {
  input: WritableStreamDefaultController | undefined
  output: ReadableStreamDefaultController<Out> | undefined
  readonly #decoder: FailureDecoder<In, Out>
  readonly #isOver: () => boolean
  #queue: Out[] = []
  #next = 0
  #over = false
  /** Ends the pull that waits for output. */
  #fed: (() => void) | undefined
  /** Wakes the writer when output is wanted, or none any more. */
  #wake: (() => void) | undefined

  constructor(decoder: FailureDecoder<In, Out>, isOver: () => boolean) {
    this.#decoder = decoder
    this.#isOver = isOver
  }

  pull(): Promise<void> | undefined {
    if (this.#over) return undefined
    if (this.#next < this.#queue.length) {
      this.#feed()
      return undefined
    }
    return new Promise((resolve) => {
      this.#fed = resolve
      this.#wake?.()
    })
  }

  async write(chunk: In): Promise<void> {
    while (this.#fed === undefined && !this.#over) {
      await this.#woken()
    }
    await this.#decode((emit) => {
      this.#decoder.push(chunk, emit)
    })
    if (!this.#over && this.#isOver()) {
      this.#end()
      // What TransformStream.terminate() does: whoever pipes into this cancels its source.
      this.input?.error(new TypeError('The reply is complete; nothing more is read.'))
    }
  }

  async close(): Promise<void> {
    await this.#decode((emit) => {
      this.#decoder.end(emit)
    })
    this.#end()
  }

  cancel(reason: unknown): void {
    this.#stop()
    this.input?.error(reason)
  }

  fail(error: unknown): void {
    if (this.#over) return
    if (this.#decoder.fail) {
      void this.#endWith(error)
      return
    }
    this.#stop()
    this.output?.error(error)
  }

  /** Ends with the form that the output has for a failure. */
  async #endWith(error: unknown): Promise<void> {
    await this.#decode((emit) => this.#decoder.fail?.(error, emit))
    this.#end()
  }

  /** Decodes, and resolves when all output is delivered; fails only then. */
  async #decode(step: (emit: (output: Out) => void) => void): Promise<void> {
    if (this.#over) return
    let failure: { error: unknown } | undefined
    try {
      step((output) => {
        this.#queue.push(output)
      })
    } catch (error) {
      failure = { error }
    }
    if (this.#fed !== undefined && this.#next < this.#queue.length) this.#feed()
    while (this.#next < this.#queue.length) {
      await this.#woken()
    }
    if (failure === undefined) return
    this.fail(failure.error)
    throw failure.error
  }

  #feed(): void {
    const output = this.#queue.slice(this.#next, this.#next + 1)
    this.#next += 1
    if (this.#next === this.#queue.length) {
      this.#queue = []
      this.#next = 0
      this.#wake?.()
    }
    for (const value of output) this.output?.enqueue(value)
    this.#fed?.()
    this.#fed = undefined
  }

  #end(): void {
    if (this.#over) return
    this.#stop()
    this.output?.close()
  }

  #stop(): void {
    this.#over = true
    this.#queue = []
    this.#next = 0
    this.#wake?.()
    this.#fed?.()
    this.#fed = undefined
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
    })
  }
}
