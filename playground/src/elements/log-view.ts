import { timeOf, type Description } from '../chain/describe.ts'
import type { Log } from '../chain/log.ts'
import type { Traced } from '../chain/trace.ts'
import { atNextFrame } from '../frame.ts'

/** Of each row, in CSS pixels; the style sheet has the same. */
const rowHeight = 22
/** Rows that are rendered above and below those in sight. */
const spare = 2

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
  /** As high as all rows together. */
  readonly #space: HTMLElement = document.createElement('div')
  /** Holds those in sight, at their place. */
  readonly #rows: HTMLElement = document.createElement('div')
  readonly #id: string
  readonly #onSelect: (entry: Traced<Item> | undefined) => void
  readonly #pool: RowElement[] = []
  #follows = true
  /** As in the page; reading them there after writing would lay it out anew each time. */
  #top = 0
  #height = 0
  #isScrolling = false
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
    this.#space.className = 'rows'
    this.#space.setAttribute('role', 'presentation')
    this.#rows.className = 'window'
    this.#rows.setAttribute('role', 'presentation')
    this.#space.append(this.#rows)
    this.element.append(this.#space)
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true })
    this.element.addEventListener('keydown', (event) => this.#pressed(event))
    this.element.addEventListener('click', (event) => this.#clicked(event))
    this.#resized = new ResizeObserver(() => this.#resize())
  }

  /** What is in it, for a screen reader. */
  set label(label: string) {
    this.element.setAttribute('aria-label', label)
  }

  /** Begins to show the log. Returns what ends it. */
  connect(): () => void {
    const unsubscribe = this.#log.subscribe(() => this.render())
    this.#resized.observe(this.element)
    this.#resize()
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
    if (dropped !== 0 || total !== this.#total) {
      this.#space.style.height = `${count * rowHeight}px`
      this.#first = first
      this.#total = total
      if (this.#follows) this.#scrollTo(count * rowHeight - this.#height)
      else if (dropped > 0) this.#scrollTo(this.#top - dropped * rowHeight)
    }
    const from = Math.max(Math.floor(this.#top / rowHeight) - spare, 0)
    const wanted = Math.ceil(this.#height / rowHeight) + 2 * spare
    this.#renderRows(first + from, Math.max(Math.min(wanted, count - from), 0))
  }

  /** Where it is scrolled to is known at once; the page learns it when everything is written. */
  #scrollTo(top: number): void {
    this.#top = Math.max(top, 0)
    if (this.#isScrolling) return
    this.#isScrolling = true
    atNextFrame('scroll', () => {
      this.#isScrolling = false
      this.element.scrollTop = this.#top
    })
  }

  #renderRows(from: number, count: number): void {
    while (this.#pool.length < count) {
      const row = new RowElement()
      this.#pool.push(row)
      this.#rows.append(row.element)
    }
    this.#rows.style.transform = `translateY(${(from - this.#first) * rowHeight}px)`
    this.#pool.forEach((row, i) => {
      const number = from + i
      const entry = i < count ? this.#log.at(number) : undefined
      const before = this.#log.at(number - 1)
      row.show(entry, before, this.#describe, number, number === this.#selected, this.#id)
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
  #resize(): void {
    this.#height = this.element.clientHeight
    if (this.#selected !== undefined) this.#reveal(this.#selected)
    else if (this.#follows) this.#scrollTo((this.#total - this.#first) * rowHeight - this.#height)
    this.render()
  }

  #scrolled(): void {
    if (this.#isScrolling) return
    this.#top = this.element.scrollTop
    const end = (this.#total - this.#first) * rowHeight
    this.#follows = this.#top + this.#height >= end - rowHeight
    this.render()
  }

  #clicked({ target }: Event): void {
    const row = this.#pool.find(({ element }) => target instanceof Node && element.contains(target))
    if (row?.number !== undefined) this.#select(row.number)
  }

  #pressed(event: KeyboardEvent): void {
    const page = Math.max(Math.floor(this.#height / rowHeight) - 1, 1)
    const last = this.#total - 1
    const selected = this.#selected ?? this.#beside(event.key.endsWith('Up'))
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

  /** Where the keyboard sets out when nothing is selected: just below or above what is in sight. */
  #beside(isBelow: boolean): number {
    const rows = isBelow
      ? Math.floor((this.#top + this.#height) / rowHeight)
      : this.#top / rowHeight
    return Math.min(this.#first + (isBelow ? rows : Math.ceil(rows) - 1), this.#total)
  }

  #reveal(number: number): void {
    const top = (number - this.#first) * rowHeight
    if (top < this.#top) this.#scrollTo(top)
    else if (top + rowHeight > this.#top + this.#height) {
      this.#scrollTo(top + rowHeight - this.#height)
    }
    this.#follows = number === this.#total - 1
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
  readonly #at: Text = cell(this.element, 'at')
  readonly #tag: Text = cell(this.element, 'tag')
  readonly #text: Text = cell(this.element, 'text')
  number: number | undefined
  #entry: unknown
  #isSelected = false

  constructor() {
    this.element.className = 'row'
    this.element.setAttribute('aria-selected', 'false')
    this.element.setAttribute('role', 'option')
  }

  show<Item>(
    entry: Traced<Item> | undefined,
    before: Traced<Item> | undefined,
    describe: Description<Item>,
    number: number,
    isSelected: boolean,
    id: string,
  ): void {
    if (this.element.hidden !== (entry === undefined)) this.element.hidden = entry === undefined
    this.number = entry === undefined ? undefined : number
    if (entry === undefined) return
    if (this.#isSelected !== isSelected) {
      this.#isSelected = isSelected
      this.element.setAttribute('aria-selected', String(isSelected))
    }
    // Only what is referred to needs a name, and each row's would change with each that comes.
    if (isSelected) this.element.id = `${id}-${number}`
    else if (this.element.id !== '') this.element.id = ''
    if (this.#entry === entry) return
    this.#entry = entry
    const { tag, text, tone = '' } = describe.row(entry.item, before?.item)
    this.element.dataset['tone'] = tone
    this.element.setAttribute('aria-posinset', String(number + 1))
    this.#at.data = timeOf(entry)
    this.#tag.data = tag
    this.#text.data = text
  }
}

function cell(row: HTMLElement, className: string): Text {
  const element = document.createElement('span')
  element.className = className
  const text = document.createTextNode('')
  element.append(text)
  row.append(element)
  return text
}
