/**
 * Keeps the end of a growing page in sight, until the reader scrolls up. Scrolling down to the end
 * follows again.
 */
export class FollowEnd {
  readonly #element: HTMLElement
  readonly #onChange: () => void
  #follows = true
  #top = 0

  /** @param onChange It follows, or does so no more. */
  constructor(element: HTMLElement, onChange: () => void) {
    this.#element = element
    this.#onChange = onChange
    element.addEventListener('scroll', () => this.#scrolled(), { passive: true })
    // Where the browser takes the key to was the end when it was pressed.
    element.addEventListener('keydown', ({ key, target }) => {
      if (key === 'End' && target === element) this.resume()
    })
    // What grows is inside; the element itself grows with the window.
    const resized = new ResizeObserver(() => this.keep())
    resized.observe(element)
    for (const child of element.children) resized.observe(child)
  }

  get follows(): boolean {
    return this.#follows
  }

  /** Goes to the end, if it follows. */
  keep(): void {
    if (this.#follows) this.#toEnd()
  }

  /** Goes to the end, and follows from there. */
  resume(): void {
    this.#toEnd()
    this.#set(true)
  }

  #toEnd(): void {
    this.#element.scrollTop = this.#element.scrollHeight
    this.#top = this.#element.scrollTop
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#element
    const below = scrollHeight - clientHeight - scrollTop
    // Up: by the reader. Text that has been added since the last frame is no scrolling.
    if (scrollTop < this.#top - 1) this.#set(below < 24)
    // Down, to an end that moves on meanwhile.
    else if (below < 100) this.#set(true)
    this.#top = scrollTop
  }

  #set(follows: boolean): void {
    if (this.#follows === follows) return
    this.#follows = follows
    this.#onChange()
  }
}
