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
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 24
    if (isAtEnd) this.#set(true)
    // Up: by the reader. Text that has been added since the last frame is no scrolling.
    else if (scrollTop < this.#top - 1) this.#set(false)
    this.#top = scrollTop
  }

  #set(follows: boolean): void {
    if (this.#follows === follows) return
    this.#follows = follows
    this.#onChange()
  }
}
