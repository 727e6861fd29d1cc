import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { settled } from '../../test/mount.ts'
import type { Description } from '../chain/describe.ts'
import { Log } from '../chain/log.ts'
import type { Traced } from '../chain/trace.ts'
import { LogView } from './log-view.ts'

const description: Description<number> = {
  row: (item) => ({ tag: 'n', text: `entry ${item}` }),
  detail: String,
}
const height = 220
let log: Log<Traced<number>>
let view: LogView<number>
let selected: (number | undefined)[]
let disconnect: () => void

beforeEach(() => {
  // happy-dom lays nothing out.
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', {
    configurable: true,
    value: height,
  })
  log = new Log({ entries: 500 })
  selected = []
  view = new LogView('log', 'Numbers', log, description, (entry) => selected.push(entry?.item))
  document.body.replaceChildren(view.element)
  disconnect = view.connect()
})
afterEach(() => {
  disconnect()
  Reflect.deleteProperty(HTMLElement.prototype, 'clientHeight')
})

async function fill(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 1) log.push({ at: i, item: i }, 1)
  await settled()
}

function rows(): string[] {
  return [...view.element.querySelectorAll('.row:not([hidden]) .text')].map(
    ({ textContent }) => textContent,
  )
}

async function press(key: string): Promise<void> {
  view.element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  await settled()
}

async function scrollTo(top: number): Promise<void> {
  view.element.scrollTop = top
  view.element.dispatchEvent(new Event('scroll'))
  await settled()
}

test('only rows in sight are in the page, however many there are', async () => {
  await fill(0, 400)
  expect(rows().length).toBeLessThan(20)
  expect(rows().at(-1)).toBe('entry 399')
  expect(view.element.scrollTop).toBe(400 * 22 - height)
})

test('it follows the end until the reader scrolls up', async () => {
  await fill(0, 100)
  await scrollTo(220)
  expect(rows()).toContain('entry 10')
  await fill(100, 200)
  expect(view.element.scrollTop).toBe(220)
  expect(rows()).toContain('entry 10')
  await scrollTo(200 * 22 - height)
  await fill(200, 210)
  expect(rows().at(-1)).toBe('entry 209')
})

test('the reader’s place is kept while old rows are dropped', async () => {
  await fill(0, 500)
  await scrollTo(300 * 22)
  expect(rows()).toContain('entry 300')
  await fill(500, 600)
  expect(log.first).toBe(100)
  expect(rows()).toContain('entry 300')
  expect(view.element.scrollTop).toBe(200 * 22)
})

describe('by keyboard', () => {
  test('rows are chosen, and told to assistive technology', async () => {
    await fill(0, 50)
    await press('Home')
    await press('ArrowDown')
    expect(selected).toEqual([0, 1])
    const active = view.element.getAttribute('aria-activedescendant') ?? ''
    expect(document.getElementById(active)?.getAttribute('aria-selected')).toBe('true')
    expect(document.getElementById(active)?.textContent).toContain('entry 1')
    await press('End')
    await press('ArrowDown')
    expect(selected.at(-1)).toBe(49)
    await press('PageUp')
    expect(selected.at(-1)).toBe(40)
    await press('Tab')
    expect(selected.at(-1)).toBe(40)
  })

  test('without a chosen row it sets out from what is in sight', async () => {
    await fill(0, 200)
    await scrollTo(100 * 22)
    await press('PageUp')
    const above = selected.at(-1) ?? 0
    expect(above).toBeGreaterThan(80)
    expect(above).toBeLessThan(105)
    await press('PageDown')
    expect(selected.at(-1)).toBeGreaterThan(above)
  })

  test('a chosen row stays in sight while more come', async () => {
    await fill(0, 50)
    await press('Home')
    await fill(50, 200)
    expect(rows()).toContain('entry 0')
  })
})

test('a new beginning gives the selection up', async () => {
  await fill(0, 50)
  await press('End')
  log.clear()
  await settled()
  expect(rows()).toEqual([])
  expect(selected.at(-1)).toBeUndefined()
  await fill(0, 3)
  expect(rows()).toEqual(['entry 0', 'entry 1', 'entry 2'])
})
