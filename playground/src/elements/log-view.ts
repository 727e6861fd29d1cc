import { timeOf, type Description } from '../chain/describe.ts'
import type { Log } from '../chain/log.ts'
import type { Traced } from '../chain/trace.ts'

/** Of each row, in CSS pixels; the style sheet has the same. */
const rowHeight = 22
/** Rows that are rendered above and below those in sight. */
const spare = 6

/**
 * A list of one log, of which only the rows in sight are in the page. It follows the end until the
 * reader scrolls up, and keeps the reader's place while old rows are dropped.
 *
 * Rows are all of one height, so their places need no measuring; lists that measure each row count
 * all of them anew when one is added, which at thousands of rows a second is all they do.
 */
export class LogView<Item> {
  readonly element: HTMLElement = document.createElement('div')
  readonly #log: Log<Traced<Item>>
  readonly #describe: Description<Item>
  readonly #rows: HTMLElement = document.createElement('div')
  readonly #id: string
  readonly #onSelect: (entry: Traced<Item> | undefined) => void
  readonly #pool: RowElement[] = []
  #follows = true
  #first = 0
  #total = 0
  #selected: number | undefined
  readonly #resized: ResizeObserver

  constructor(
    id: string,
    label: string,
    log: Log<Traced<Item>>,
    describe: Description<Item>,
    onSelect: (entry: Traced<Item> | undefined) => void,
  ) {
    this.#id = id
    this.#log = log
    this.#describe = describe
    this.#onSelect = onSelect
    this.element.className = 'log'
    this.element.tabIndex = 0
    this.element.setAttribute('role', 'listbox')
    this.element.setAttribute('aria-label', label)
    this.#rows.className = 'rows'
    this.#rows.setAttribute('role', 'presentation')
    this.element.append(this.#rows)
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true })
    this.element.addEventListener('keydown', (event) => this.#pressed(event))
    this.element.addEventListener('click', (event) => this.#clicked(event))
    this.#resized = new ResizeObserver(() => this.#keepPlace())
  }

  /** Begins to show the log. Returns what ends it. */
  connect(): () => void {
    const unsubscribe = this.#log.subscribe(() => this.render())
    this.#resized.observe(this.element)
    this.render()
    return () => {
      unsubscribe()
      this.#resized.disconnect()
    }
  }

  /** Gives the selection up. */
  deselect(): void {
    this.#selected = undefined
    this.render()
  }

  render(): void {
    const { first, total } = this.#log
    if (total < this.#total) this.#restart()
    const dropped = first - this.#first
    const count = total - first
    const { element } = this
    if (dropped !== 0 || total !== this.#total) {
      this.#rows.style.height = `${count * rowHeight}px`
      this.#first = first
      this.#total = total
      if (this.#follows) element.scrollTop = count * rowHeight
      else if (dropped > 0) element.scrollTop -= dropped * rowHeight
    }
    const from = Math.max(Math.floor(element.scrollTop / rowHeight) - spare, 0)
    const wanted = Math.ceil(element.clientHeight / rowHeight) + 2 * spare
    this.#renderRows(first + from, Math.min(wanted, count - from))
  }

  #renderRows(from: number, count: number): void {
    while (this.#pool.length < count) {
      const row = new RowElement()
      this.#pool.push(row)
      this.#rows.append(row.element)
    }
    this.#pool.forEach((row, i) => {
      const number = from + i
      const entry = i < count ? this.#log.at(number) : undefined
      const before = this.#log.at(number - 1)
      const top = (number - this.#first) * rowHeight
      const isSelected = number === this.#selected
      row.show(entry, before, this.#describe, number, top, isSelected, this.#id)
    })
    const selected = this.#pool.find(({ number }) => number === this.#selected)
    if (selected) this.element.setAttribute('aria-activedescendant', selected.element.id)
    else this.element.removeAttribute('aria-activedescendant')
  }

  #restart(): void {
    this.#first = 0
    this.#total = 0
    this.#follows = true
    if (this.#selected !== undefined) this.#select(undefined)
  }

  /** The pane has another height: what was in sight at its end, or is selected, stays so. */
  #keepPlace(): void {
    if (this.#selected !== undefined) this.#reveal(this.#selected)
    else if (this.#follows) this.element.scrollTop = this.element.scrollHeight
    this.render()
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element
    this.#follows = scrollTop + clientHeight >= scrollHeight - rowHeight
    this.render()
  }

  #clicked({ target }: Event): void {
    const row = this.#pool.find(({ element }) => target instanceof Node && element.contains(target))
    if (row?.number !== undefined) this.#select(row.number)
  }

  #pressed(event: KeyboardEvent): void {
    const page = Math.max(Math.floor(this.element.clientHeight / rowHeight) - 1, 1)
    const last = this.#total - 1
    const selected = this.#selected ?? (event.key === 'ArrowUp' ? this.#total : this.#first - 1)
    const moves: { readonly [key: string]: number } = {
      ArrowDown: selected + 1,
      ArrowUp: selected - 1,
      PageDown: selected + page,
      PageUp: selected - page,
      Home: this.#first,
      End: last,
    }
    const to = moves[event.key]
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey || last < 0) return
    event.preventDefault()
    this.#select(Math.min(Math.max(to, this.#first), last))
  }

  #reveal(number: number): void {
    const top = (number - this.#first) * rowHeight
    const { scrollTop, clientHeight } = this.element
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + rowHeight > scrollTop + clientHeight) {
      this.element.scrollTop = top + rowHeight - clientHeight
    }
  }

  #select(number: number | undefined): void {
    this.#selected = number
    if (number !== undefined) this.#reveal(number)
    this.render()
    this.#onSelect(number === undefined ? undefined : this.#log.at(number))
  }
}

/** The element of a row, which shows one entry after another. */
class RowElement {
  readonly element: HTMLElement = document.createElement('div')
  readonly #at: HTMLElement = document.createElement('span')
  readonly #tag: HTMLElement = document.createElement('span')
  readonly #text: HTMLElement = document.createElement('span')
  number: number | undefined
  #entry: unknown

  constructor() {
    this.element.className = 'row'
    this.element.setAttribute('role', 'option')
    this.#at.className = 'at'
    this.#tag.className = 'tag'
    this.#text.className = 'text'
    this.element.append(this.#at, this.#tag, this.#text)
  }

  show<Item>(
    entry: Traced<Item> | undefined,
    before: Traced<Item> | undefined,
    describe: Description<Item>,
    number: number,
    top: number,
    isSelected: boolean,
    id: string,
  ): void {
    this.element.hidden = entry === undefined
    this.number = entry === undefined ? undefined : number
    if (entry === undefined) return
    this.element.style.transform = `translateY(${top}px)`
    this.element.setAttribute('aria-selected', String(isSelected))
    if (this.#entry === entry) return
    this.#entry = entry
    const { tag, text, tone = '' } = describe.row(entry.item, before?.item)
    this.element.id = `${id}-${number}`
    this.element.dataset['tone'] = tone
    this.element.setAttribute('aria-posinset', String(number + 1))
    this.#at.textContent = timeOf(entry)
    this.#tag.textContent = tag
    this.#text.textContent = text
  }
}
