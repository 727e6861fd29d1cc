import fc from 'fast-check'
import { MarkdownWriter } from './markdown-writer.ts'

/** The element after a reply that came in these pieces. */
export function written(...pieces: readonly string[]): HTMLElement {
  const root = document.createElement('div')
  const writer = new MarkdownWriter(root)
  for (const piece of pieces) writer.write(piece)
  writer.end()
  return root
}

export const html = (...pieces: readonly string[]): string => written(...pieces).innerHTML

/** A text, cut into pieces anywhere, even within a character. */
export function inPieces(texts: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return texts.chain((text) =>
    fc.array(fc.nat({ max: text.length }), { maxLength: 20 }).map((cuts) => {
      const sorted = [0, ...cuts.toSorted((a, b) => a - b), text.length]
      return sorted.slice(1).map((end, i) => text.slice(sorted[i], end))
    }),
  )
}

/** Markup that leaves no letter out of the text, unlike `<br>` and `[x]`. */
const lossless = [
  ['*', '**', '***', '_', '__', '~~', '`', '``', '```', '````', '$', '$$', '\\', '\\(', '\\)'],
  ['\\[', '\\]', '[', ']', '(', ')', '](', '![', '<', '>', '> ', '# ', '### ', '- ', '+ ', '* '],
  ['1. ', '23. ', '|', '| ', '|-|', '---', '- [ ] ', ' ', '  ', '    ', '\t', '\n', '\n\n', '\r\n'],
  [
    'ab',
    'c d',
    'h',
    'ht',
    'snake_case',
    '.',
    ': ',
    '🐿️',
    '樹',
    '\0',
    '\uD83D',
    'https://e.example/',
  ],
  ['\n```ts\n', '\n```\n', '\n- ', '\n  - ', '\n> ', '\n|', '|\n', '[a](b)', '[a](b c)', '$$\n'],
].flat()
const lossy = [
  ['<br>', '<br', '- [x] ', '[a](https://b.example/x_(y))', '![a](https://b.example/i.png)'],
  ['[a](javascript:alert(1))', '<img src=x onerror=alert(1)>', '](https://', '" onclick="', '&lt;'],
].flat()
const joined = (from: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...from), { maxLength: 50 }).map((parts) => parts.join(''))

export const losslessMarkdown: fc.Arbitrary<string> = joined(lossless)
export const anyMarkdown: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: joined([...lossless, ...lossy]) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
)
