import * as smd from 'streaming-markdown'
import { sentinel, type MarkdownRenderer } from './markdown-renderer.ts'
import { longestAddress } from './safe-address.ts'

/**
 * The parser keeps what is open in arrays of 24 and forgets what goes beyond, and one character opens up to three.
 * Without a bound, 100 KB of `>` would also make elements 100,000 deep, which a browser cannot lay out.
 */
const deepest = 20

/**
 * The parser looks at the first of the held back characters for each one that comes. Engines join strings lazily and
 * copy the whole on such a look, so a hundred thousand dashes on a line take quadratic time.
 */
const mostHeldBack = 512

/** What ends a bare address besides a blank, a line end and a backslash, which the parser knows. */
const addressEnd = /[\s|*<>"`]/

/** What may stand right before a bare address. */
const beforeAddress = /^(?:[(<|]|\*\*?|__?|~~)$/

/**
 * The parser, fed one character at a time, with its faults mended from outside. One character at a time makes all it
 * does independent of how the text was cut, and keeps its own text flushed, so that a failure loses nothing.
 */
export class GuardedParser {
  readonly #renderer: MarkdownRenderer
  #parser: smd.Parser
  /** Only blanks, backticks and quote marks so far: the end of a fence can stand here. */
  #isLineBare = true
  /** The `>` that may still come at the head of a line of a fence within quotes. */
  #quoteMarks = 0
  #isAfterQuoteMark = false

  constructor(renderer: MarkdownRenderer) {
    this.#renderer = renderer
    this.#parser = this.#restart()
  }

  /** Whether an underscore is markup where the parser stands. */
  get hasEmphasis(): boolean {
    const { token, pending } = this.#parser
    switch (token) {
      case smd.CODE_BLOCK:
      case smd.CODE_FENCE:
      case smd.CODE_INLINE:
      case smd.EQUATION_BLOCK:
      case smd.EQUATION_INLINE:
      case smd.RAW_URL:
      case smd.IMAGE:
        return false
      case smd.LINK:
        return !pending.startsWith('](')
      default:
        return !pending.startsWith('`')
    }
  }

  get isUnderscoreOpen(): boolean {
    const { tokens, len } = this.#parser
    const open = tokens.subarray(0, len + 1)
    return open.includes(smd.ITALIC_UND) || open.includes(smd.STRONG_UND)
  }

  /** Throws what the parser or the renderer throws; by then every character up to this one is shown. */
  feed(char: string): void {
    if (this.#parser.len > deepest) this.#startOver()
    if (this.#isQuoteMark(char)) return
    const before = this.#parser
    const { token, pending } = before
    try {
      if (!this.#mend(char)) smd.parser_write(this.#parser, char)
    } catch (error) {
      if (token !== smd.RAW_URL) this.#renderer.text(pending)
      this.#renderer.text(char)
      throw error
    }
    this.#noteLine(char)
    this.#limitHeldBack()
  }

  end(): void {
    const p = this.#parser
    this.#endBracketOfTable()
    // A second line end, as the first may itself be held back: `<` and a line end could still become `<br>`.
    for (let i = 0; i < 2 && (p.pending.trim() !== '' || p.token === smd.MAYBE_BR); i++) {
      this.feed('\n')
    }
    this.#renderer.close()
    this.#parser = this.#restart()
  }

  #restart(): smd.Parser {
    const parser: smd.Parser = smd.parser(
      this.#renderer.callbacks(
        () => parser.pending,
        // Left over from a table that was cut short, it makes the line of dashes of the next one a row.
        () => (parser.table_state = 0),
      ),
    )
    this.#isLineBare = true
    this.#quoteMarks = 0
    return parser
  }

  #startOver(): void {
    const { token, pending } = this.#parser
    const isBlockStart = pending !== '' && isBlockToken(token)
    if (!isBlockStart && token !== smd.RAW_URL && pending.trim() !== '')
      this.#renderer.text(pending)
    this.#renderer.close()
    this.#parser = this.#restart()
    if (isBlockStart) for (const char of pending) this.feed(char)
  }

  /** Ends the link, image, address or inline equation on top; the backslash that does it is taken back. */
  #endTop(closing: string): void {
    const p = this.#parser
    p.pending = closing
    smd.parser_write(p, '\\')
    p.pending = ''
  }

  /** Shows what is held back as it stands. */
  #giveUp(closing: string): void {
    this.#renderer.literal(this.#parser.pending)
    this.#endTop(closing)
  }

  /** True when the character is dealt with. */
  #mend(char: string): boolean {
    const p = this.#parser
    if (char === '\n') this.#endBracketOfTable()
    const isCellStart = p.pending === '|'
    if (char === 'h' && beforeAddress.test(p.pending) && this.hasEmphasis) {
      this.#openMarkup(isCellStart)
    }
    switch (p.token) {
      case smd.LINK:
      case smd.IMAGE:
        return this.#mendLink(char)
      case smd.EQUATION_INLINE:
        // The parser drops a `)` after `$x$`.
        if (p.pending === '$' && char === ')') this.#endTop('$')
        // A single `$HOME` would make an equation of all the rest of the reply.
        else if (p.pending !== '$' && char === '\n') this.#giveUp('$')
        return false
      case smd.RAW_URL:
        // The parser takes all up to a blank: the `**` after a bold address, the `|` of its cell.
        if (addressEnd.test(char) && char !== '\n' && char !== ' ') this.#endTop(p.pending)
        return false
      case smd.TABLE_ROW:
        // So that an empty line ends the table already after its head.
        if (p.pending === '\n' && char === '\n') p.table_state = 2
        return false
      case smd.TABLE:
        if (p.table_state === 1) this.#mendTable(char)
        return false
      case smd.CODE_FENCE:
        // The parser closes at the end of a line such as `x```, and drops the `x`.
        if (char === '\n' && !this.#isLineBare && p.pending !== '') {
          this.#renderer.text(p.pending)
          p.pending = ''
        }
        return false
      default:
        return false
    }
  }

  /** The parser sees a bare address only after a blank; so it gets the markup before one on its own, and the cell too. */
  #openMarkup(isCellStart: boolean): void {
    const p = this.#parser
    if (isCellStart) smd.parser_write(p, sentinel)
    smd.parser_write(p, sentinel)
    if (p.token === smd.MAYBE_BR) {
      p.token = p.tokens[p.len] ?? smd.DOCUMENT
      this.#renderer.text('<')
    }
    p.pending = ''
  }

  /** The parser ends the table first, and puts a `<` that ends its last line below it. */
  #endBracketOfTable(): void {
    const p = this.#parser
    const inTable = p.tokens.subarray(0, p.len + 1).includes(smd.TABLE)
    if (!inTable || !p.pending.startsWith('<')) return
    if (p.token === smd.MAYBE_BR) p.token = p.tokens[p.len] ?? smd.DOCUMENT
    this.#renderer.text(p.pending)
    p.pending = ''
  }

  #mendLink(char: string): boolean {
    const p = this.#parser
    if (p.pending.startsWith('](')) {
      // The parser would take the rest of the reply, up to the next parenthesis, for the address.
      if (char === '\n') this.#giveUp(']')
      // The parser ends the address at the first `)`, so that those of Wikipedia would lose theirs.
      else if (char === ')' && p.pending.split('(').length - 1 > p.pending.split(')').length) {
        p.pending += char
        return true
      }
    } else if (char === '\n' && p.token === smd.IMAGE && p.pending !== ']') {
      // The parser would take the rest of the reply for the alternative text.
      this.#giveUp(']')
    }
    return false
  }

  /**
   * The parser takes whatever line comes second, even one without dashes, for the line below the head; when it sees
   * that it is none, it puts the start of the line in no paragraph.
   */
  #mendTable(char: string): void {
    const p = this.#parser
    if (char === '\n' ? p.pending.includes('-') : /[-|: ]/.test(char)) return
    const { pending } = p
    p.table_state = 2
    p.pending = ''
    for (const held of pending) smd.parser_write(p, held)
  }

  /** The parser leaves the quote marks of a fence within a quote in its code. */
  #isQuoteMark(char: string): boolean {
    const wasAfter = this.#isAfterQuoteMark
    this.#isAfterQuoteMark = false
    if (char === ' ' && wasAfter) return true
    if (char !== '>' || this.#quoteMarks === 0) {
      this.#quoteMarks = 0
      return false
    }
    this.#quoteMarks--
    this.#isAfterQuoteMark = true
    return true
  }

  #noteLine(char: string): void {
    if (char !== '\n') {
      this.#isLineBare &&= char === ' ' || char === '`'
      return
    }
    const p = this.#parser
    const wasInFence = p.token === smd.NEWLINE
    this.#isLineBare = true
    if (!wasInFence) return
    if (p.tokens[p.len] === smd.CODE_FENCE) {
      const open = p.tokens.subarray(0, p.len)
      this.#quoteMarks = open.filter((token) => token === smd.BLOCKQUOTE).length
    } else {
      // The parser keeps the depth of quotes of the line that opened the fence, and would nest a quote anew.
      p.blockquote_idx = 0
    }
  }

  #limitHeldBack(): void {
    const p = this.#parser
    const isAddress = p.token === smd.LINK || p.token === smd.IMAGE || p.token === smd.RAW_URL
    if (p.pending.length <= (isAddress ? longestAddress : mostHeldBack)) return
    if (p.token === smd.RAW_URL) {
      this.#endTop(p.pending)
    } else if (isAddress) {
      this.#giveUp(']')
    } else if (isBlockToken(p.token)) {
      if (!p.pending.startsWith(sentinel)) p.pending = sentinel + p.pending
      p.hr_chars = 0
      p.fence_start = 0
    } else if (p.token !== smd.TABLE) {
      // Only the line of dashes of a table is left out: the parser never looks into it, and it may well be long.
      if (p.token === smd.MAYBE_BR) p.token = p.tokens[p.len] ?? smd.DOCUMENT
      this.#renderer.text(p.pending)
      p.pending = ''
    }
  }
}

function isBlockToken(token: number): boolean {
  switch (token) {
    case smd.DOCUMENT:
    case smd.LINE_BREAK:
    case smd.BLOCKQUOTE:
    case smd.LIST_ORDERED:
    case smd.LIST_UNORDERED:
      return true
    default:
      return false
  }
}
