import { RatatoskrError } from 'ratatoskr'

/** The longest line: an event with an image may be of megabytes. Bytes. */
const maxLine = 2 ** 26

const newline = 10

/**
 * Reads a body in pieces of whole lines, each from one read of the body where that has the end of one.
 * The parser of fetch-event-source copies all that it has of a line for each piece that comes: the time is quadratic in its length.
 */
export class LineReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
  #rest: Uint8Array<ArrayBuffer>[] = []
  #length = 0

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.getReader()
  }

  /** The next lines; undefined at the end, where a line without its end is dropped. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const { value } = await this.#reader.read()
      if (!value) return undefined
      const end = value.lastIndexOf(newline) + 1
      if (end === 0) {
        this.#keep(value)
        continue
      }
      this.#keep(value.subarray(0, end))
      const lines = this.#join()
      if (end < value.length) this.#keep(value.subarray(end))
      return lines
    }
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {})
  }

  #keep(piece: Uint8Array<ArrayBuffer>): void {
    this.#rest.push(piece)
    this.#length += piece.length
    if (this.#length > maxLine) {
      throw new RatatoskrError('too_large', `The relay sent a line of over ${maxLine} bytes.`)
    }
  }

  #join(): Uint8Array<ArrayBuffer> {
    const [first] = this.#rest
    let lines = first ?? new Uint8Array()
    if (this.#rest.length > 1) {
      lines = new Uint8Array(this.#length)
      let place = 0
      for (const piece of this.#rest) {
        lines.set(piece, place)
        place += piece.length
      }
    }
    this.#rest = []
    this.#length = 0
    return lines
  }
}
