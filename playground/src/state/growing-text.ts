/** Pieces are joined to blocks of this size, in characters. */
const blockSize = 4096

/**
 * A text that grows by small pieces and is read from where the reader stopped. Joining the whole at
 * each frame would copy it each time.
 */
export class GrowingText {
  readonly #blocks: string[] = []
  #last = ''
  #lengthOfBlocks = 0

  get length(): number {
    return this.#lengthOfBlocks + this.#last.length
  }

  append(text: string): void {
    this.#last += text
    if (this.#last.length < blockSize) return
    this.#blocks.push(this.#last)
    this.#lengthOfBlocks += this.#last.length
    this.#last = ''
  }

  /** What follows the first so many characters. */
  since(start: number): string {
    let text = this.#last
    let from = this.#lengthOfBlocks
    for (let i = this.#blocks.length - 1; i >= 0 && from > start; i -= 1) {
      const block = this.#blocks[i] ?? ''
      text = block + text
      from -= block.length
    }
    return text.slice(Math.max(start - from, 0))
  }

  toString(): string {
    return this.since(0)
  }
}
