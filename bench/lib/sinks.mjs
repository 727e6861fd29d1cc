// What contestants give the pieces of a reply to.

/** Keeps everything, to be compared with what was sent. @implements {Sink} */
export class KeepingSink {
  /** @readonly @type {string[]} */
  #text = []
  /** @readonly @type {string[]} */
  #reasoning = []
  /** @readonly @type {(string[] | undefined)[]} */
  #calls = []
  /** @readonly @type {string[]} */
  #frames = []

  /** @param {string} piece */
  text(piece) {
    this.#text.push(piece)
  }

  /** @param {string} piece */
  reasoning(piece) {
    this.#reasoning.push(piece)
  }

  /** @param {number} call @param {string} piece */
  arguments(call, piece) {
    const pieces = (this.#calls[call] ??= [])
    pieces.push(piece)
  }

  /** @param {string} data */
  frame(data) {
    this.#frames.push(data)
  }

  /** The data of all events, where nothing but frames came. */
  get frames() {
    return this.#frames
  }

  /** @returns {Expected} */
  get kept() {
    return {
      text: this.#text.join(''),
      reasoning: this.#reasoning.join(''),
      calls: Array.from(this.#calls, (pieces) => pieces?.join('') ?? ''),
    }
  }
}

/** Counts what comes: cheap, the same for everybody, and nothing that an engine may leave out. @implements {Sink} */
export class CountingSink {
  length = 0

  /** @param {string} piece */
  text(piece) {
    this.length += piece.length
  }

  /** @param {string} piece */
  reasoning(piece) {
    this.length += piece.length
  }

  /** @param {number} _call @param {string} piece */
  arguments(_call, piece) {
    this.length += piece.length
  }

  /** @param {string} data */
  frame(data) {
    this.length += data.length
  }
}

/**
 * @typedef {import('./types.ts').Sink} Sink
 * @typedef {import('./types.ts').Expected} Expected
 */
