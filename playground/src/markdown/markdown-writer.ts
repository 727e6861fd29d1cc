import { GuardedParser } from './guarded-parser.ts'
import { MarkdownRenderer, sentinel } from './markdown-renderer.ts'

/**
 * Appends Markdown to an element as it comes. What is there stays: elements are never replaced, so a selection
 * survives. How the text is cut into pieces makes no difference to what is there after `end()`.
 */
export class MarkdownWriter {
  readonly #renderer: MarkdownRenderer
  readonly #parser: GuardedParser
  /** The parser has failed: the rest is shown as it stands. */
  #isPlain = false
  /** Half a character, cut apart between two pieces. */
  #half = ''
  #isAfterReturn = false
  /** Underscores after a word, which may be part of it. */
  #underscores = 0
  #isAfterWord = false

  constructor(root: HTMLElement) {
    this.#renderer = new MarkdownRenderer(root)
    this.#parser = new GuardedParser(this.#renderer)
  }

  write(text: string): void {
    let whole = this.#half + text
    this.#half = ''
    if (/[\uD800-\uDBFF]$/.test(whole)) {
      this.#half = whole.slice(-1)
      whole = whole.slice(0, -1)
    }
    for (const char of whole) this.#normalize(char)
    this.#renderer.flush()
  }

  /** Shows what is held back, and closes all that is open, such as a fence of a reply that was cut off. */
  end(): void {
    const half = this.#half
    this.#half = ''
    for (const char of half) this.#normalize(char)
    this.#releaseUnderscores(false)
    this.#guard(() => {
      this.#parser.end()
    })
    this.#renderer.close()
    this.#isAfterReturn = false
    this.#isAfterWord = false
  }

  /** The parser knows no line end but `\n`: with `\r\n` no fence would ever close. */
  #normalize(char: string): void {
    const wasAfterReturn = this.#isAfterReturn
    this.#isAfterReturn = char === '\r'
    if (char === '\n' && wasAfterReturn) return
    if (char === '\r') this.#word('\n')
    else this.#word(char === '\0' || char === sentinel ? '\uFFFD' : char)
  }

  /** The parser takes the underscores of `snake_case_name` for emphasis; within a word they never are. */
  #word(char: string): void {
    if (
      char === '_' &&
      (this.#underscores > 0 || (this.#isAfterWord && this.#parser.hasEmphasis))
    ) {
      this.#underscores++
      return
    }
    const isWord = /[\p{L}\p{N}]/u.test(char)
    this.#releaseUnderscores(isWord)
    this.#feed(char)
    this.#isAfterWord = isWord
  }

  #releaseUnderscores(isWithinWord: boolean): void {
    const escape = this.#underscores > 0 && (isWithinWord || !this.#parser.isUnderscoreOpen)
    for (; this.#underscores > 0; this.#underscores--) {
      if (escape && !this.#isPlain) this.#feed('\\')
      this.#feed('_')
    }
  }

  #feed(char: string): void {
    if (!this.#isPlain) {
      this.#guard(() => {
        this.#parser.feed(char)
      })
    } else if (char === '\n') {
      this.#renderer.lineBreak()
    } else {
      this.#renderer.text(char)
    }
  }

  /** A fault of the parser must not cost the reader the reply. */
  #guard(run: () => void): void {
    if (this.#isPlain) return
    try {
      run()
    } catch (error) {
      this.#isPlain = true
      this.#renderer.close()
      console.warn('The rest of this reply is shown without its formatting.', error)
    }
  }
}
