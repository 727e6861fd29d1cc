import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hostileMarkdown } from './hostile-markdown.ts'
import { anyMarkdown, inPieces, losslessMarkdown, written } from './testing.ts'

const faults: unknown[] = []
beforeEach(() => {
  faults.length = 0
  vi.spyOn(console, 'assert').mockImplementation((holds, ...data) => {
    if (holds !== true) faults.push(data)
  })
  vi.spyOn(console, 'warn').mockImplementation((...data) => void faults.push(data))
})
afterEach(() => {
  vi.restoreAllMocks()
})

const numRuns = 1500
const timeout = 120_000

function nodes(node: Node): unknown[] {
  return [...node.childNodes].map((child) =>
    child instanceof Element
      ? [child.cloneNode(false) instanceof HTMLElement ? shell(child) : '', ...nodes(child)]
      : child.textContent,
  )
}
const shell = (element: Element): string =>
  [element.tagName, ...[...element.attributes].map(({ name, value }) => `${name}=${value}`)].join(
    ' ',
  )

/** What attributes are there, on which elements. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  A: ['href', 'title', 'target', 'rel', 'referrerpolicy'],
  BLOCKQUOTE: [],
  BR: [],
  CODE: ['class'],
  DIV: ['class', 'tabindex', 'role', 'aria-label'],
  EM: [],
  H3: [],
  H4: [],
  H5: [],
  H6: [],
  HR: [],
  INPUT: ['type', 'disabled', 'aria-label', 'checked'],
  LI: ['class'],
  OL: ['start'],
  P: [],
  PRE: ['tabindex', 'role', 'aria-label', 'data-language'],
  S: [],
  SPAN: ['class'],
  STRONG: [],
  TABLE: [],
  TBODY: [],
  TD: [],
  TH: ['scope'],
  THEAD: [],
  TR: [],
  UL: [],
}
const classes = ['image', 'math', 'math math-block', 'table', 'task']

function expectHarmless(root: HTMLElement): void {
  for (const element of root.querySelectorAll('*')) {
    expect(Object.keys(allowed)).toContain(element.tagName)
    for (const { name, value } of element.attributes) {
      expect(allowed[element.tagName]).toContain(name)
      if (name === 'class') expect(classes).toContain(value)
      if (name === 'href') expect(value).toMatch(/^(?:https?:\/\/[^/@\\]+(?:\/|$)|mailto:)/)
    }
    if (element.hasAttribute('href')) {
      expect(element.getAttribute('rel')).toBe('noopener noreferrer nofollow')
      expect(element.getAttribute('title')).toBe(element.getAttribute('href'))
    }
    if (element.tagName === 'INPUT') {
      expect(element.getAttribute('type')).toBe('checkbox')
      expect(element.hasAttribute('disabled')).toBe(true)
    }
    // A link in a link cannot be told apart.
    if (element.tagName === 'A') expect(element.querySelector('a')).toBeNull()
  }
}

test.each(hostileMarkdown.map((text) => ({ text })))('harmless: $text', ({ text }) => {
  expectHarmless(written(text))
  expectHarmless(written(...Array.from(text)))
  // Cut off anywhere.
  for (let end = 1; end < Math.min(text.length, 120); end++)
    expectHarmless(written(text.slice(0, end)))
})

test('all the attacks in one reply are harmless', () => {
  expectHarmless(written(hostileMarkdown.join('\n\n')))
  expect(faults).toEqual([])
})

test('no address of an attack becomes a link', () => {
  const links = [...written(hostileMarkdown.join('\n\n')).querySelectorAll('a[href]')]
  const hosts = links.map((link) => new URL(link.getAttribute('href') ?? '').host)
  expect(new Set(hosts)).toEqual(new Set(['example.com', 'evil.example']))
  const evil = links.filter((link) => link.getAttribute('href')?.includes('evil') === true)
  expect(evil.map((link) => link.textContent)).toEqual(evil.map(() => 'open image at evil.example'))
})

test(
  'any text, in any pieces, becomes the same harmless nodes, without a fault',
  { timeout },
  () => {
    fc.assert(
      fc.property(
        inPieces(fc.oneof(anyMarkdown, fc.constantFrom(...hostileMarkdown))),
        (pieces) => {
          // So that what is left of the text is what fails, not what comes after it.
          faults.length = 0
          const whole = written(pieces.join(''))
          expectHarmless(whole)
          expect(nodes(written(...pieces))).toEqual(nodes(whole))
          expect(faults).toEqual([])
        },
      ),
      { numRuns },
    )
  },
)

const letters = (text: string): string => text.replace(/[^\p{L}\p{Emoji_Presentation}]/gu, '')

/** The text with the labels of code, in the order of the document. */
function shown(node: Node): string {
  if (!(node instanceof Element)) return node.textContent ?? ''
  return (node.getAttribute('data-language') ?? '') + [...node.childNodes].map(shown).join('')
}

test('no letter is lost, and none moves', { timeout }, () => {
  fc.assert(
    fc.property(losslessMarkdown, (text) => {
      expect(letters(shown(written(text)).replaceAll('Image: ', ''))).toBe(letters(text))
    }),
    { numRuns: numRuns * 2 },
  )
})
