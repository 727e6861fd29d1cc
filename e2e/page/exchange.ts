/**
 * How a reply ended: written to its end, the client closed the connection before that, or the
 * server broke it off itself, as a fault does.
 */
export type Ending = 'finished' | 'disconnected' | 'cut'

/** One request to a {@link ProviderServer}, and what became of its reply. */
export interface Exchange {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly origin: string | undefined
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string }
  /** Parsed where it is JSON, else its text; undefined where there is none. */
  readonly body: unknown
  /** Undefined until the reply begins. */
  readonly status: number | undefined
  readonly closed: 'open' | Ending
  /** Bytes of the reply's body that were handed to the connection so far. */
  readonly bytesWritten: number
  /** Resolves with how the reply ended. */
  readonly ended: Promise<Ending>
}

/** An {@link Exchange} while it goes on. */
export class RunningExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
  readonly ended: Promise<Ending>
  status: number | undefined
  closed: 'open' | Ending = 'open'
  bytesWritten = 0
  #isCut = false
  #end: (ending: Ending) => void = () => {}

  constructor(request: Request, text: string) {
    const { pathname, search } = new URL(request.url)
    this.method = request.method
    this.path = pathname + search
    this.headers = Object.fromEntries(request.headers)
    this.body = text === '' ? undefined : parsed(text)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get origin(): string | undefined {
    return this.headers['origin']
  }

  /** The server breaks the reply off. */
  cut(): void {
    this.#isCut = true
  }

  /** The reply's connection is closed, or free for the next one. */
  close(isFinished: boolean): void {
    this.closed = isFinished ? 'finished' : this.#isCut ? 'cut' : 'disconnected'
    this.#end(this.closed)
  }

  /** Counts a body's bytes, and sees where it breaks off. */
  watch(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await reader.read()
            if (done) {
              controller.close()
              return
            }
            this.bytesWritten += value.byteLength
            controller.enqueue(value)
          } catch (error) {
            this.cut()
            controller.error(error)
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      // Nothing is read of a reply that the connection does not take.
      { highWaterMark: 0 },
    )
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
