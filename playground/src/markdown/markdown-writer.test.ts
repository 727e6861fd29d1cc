import * as smd from 'streaming-markdown'
import { afterEach, expect, test, vi } from 'vitest'
import { MarkdownWriter } from './markdown-writer.ts'
import { html, written } from './testing.ts'

vi.mock('streaming-markdown', async (original) => {
  const real = await original<typeof smd>()
  return { ...real, parser_write: vi.fn(real.parser_write) }
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** A link, without the attributes that all links have. */
const shortened = (text: string): string =>
  html(text).replaceAll(
    / title="[^"]*" target="_blank" rel="noopener noreferrer nofollow" referrerpolicy="no-referrer"/g,
    '',
  )

test.each([
  ['# A\n## B\n### C\n#### D\n###### E', '<h3>A</h3><h4>B</h4><h5>C</h5><h6>D</h6><h6>E</h6>'],
  ['one\ntwo\n\nthree', '<p>one<br>two</p><p>three</p>'],
  [
    '*a* **b** ***c*** ~~d~~ `e`',
    '<p><em>a</em> <strong>b</strong> <strong><em>c</em></strong> <s>d</s> <code>e</code></p>',
  ],
  [
    '_a_ __b__ snake_case_name A_B_ _c_d_ e__f__g',
    '<p><em>a</em> <strong>b</strong> snake_case_name A_B_ <em>c_d</em> e__f__g</p>',
  ],
  [
    '- a\n  - b\n- c\n\n4. d\n5. e',
    '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol start="4"><li>d</li><li>e</li></ol>',
  ],
  ['> a\n> b\n\nc', '<blockquote><p>a<br>b</p></blockquote><p>c</p>'],
  ['a\n\n---\n***\nb', '<p>a</p><hr><hr><p>b</p>'],
  ['a<br>b<br/>c <b>d</b>', '<p>a<br>b<br>c &lt;b&gt;d&lt;/b&gt;</p>'],
  [
    '$x$ \\(y\\) ($z$) costs $5',
    '<p><code class="math">$x$</code> <code class="math">\\(y\\)</code> (<code class="math">$z$</code>) costs $5</p>',
  ],
  [
    '$$\na+b\n$$\n\n\\[\nc\n\\]',
    '<p><code class="math math-block">$$\na+b\n$$</code></p><p><code class="math math-block">\\[\nc\n\\]</code></p>',
  ],
  ['$HOME/bin\n\n# A', '<p><code class="math">$HOME/bin</code></p><h3>A</h3>'],
  ['[1] list[0](a, b) [](x)', '<p><a>[1]</a> list<a>[0](a, b)</a> [](x)</p>'],
  ['[a](https://b.example/x_(y) "T") c', '<p><a href="https://b.example/x_(y)">a</a> c</p>'],
  ['[a](<https://b.example>)', '<p><a href="https://b.example/">a</a></p>'],
  ['[a](mailto:a@b.example)', '<p><a href="mailto:a@b.example">a</a></p>'],
  [
    '[a](./b.md) [c](javascript:alert(1))',
    '<p><a>a (./b.md)</a> <a>c (javascript:alert(1))</a></p>',
  ],
  ['[a](https://b.example\n\n# C', '<p><a>[a](https://b.example</a></p><h3>C</h3>'],
  ['https://a.example/x_y.', '<p><a href="https://a.example/x_y">https://a.example/x_y</a>.</p>'],
  [
    '(https://a.example/b_(c))',
    '<p>(<a href="https://a.example/b_(c)">https://a.example/b_(c)</a>)</p>',
  ],
  [
    '**https://a.example** <https://b.example>',
    '<p><strong><a href="https://a.example/">https://a.example</a></strong> &lt;<a href="https://b.example/">https://b.example</a>&gt;</p>',
  ],
  [
    '![a](https://b.example/c.png)',
    '<p><span class="image">Image: a <a href="https://b.example/c.png">open image at b.example</a></span></p>',
  ],
  ['![a](data:b)', '<p><span class="image">Image: a (data:b)</span></p>'],
  ['![a\n\n# B', '<p><span class="image">![a</span></p><h3>B</h3>'],
  [
    '[![a](https://b.example)](https://c.example)',
    '<p><a href="https://c.example/"><span class="image">Image: a (https://b.example)</span></a></p>',
  ],
])('%j', (text, expected) => {
  expect(shortened(text)).toBe(expected)
})

test('a link tells where it leads, and takes nothing along', () => {
  const link = written('[a](https://bücher.example)').querySelector('a')
  const attributes = [...(link?.attributes ?? [])].map(({ name, value }) => [name, value])
  expect(Object.fromEntries(attributes)).toEqual({
    href: 'https://xn--bcher-kva.example/',
    title: 'https://xn--bcher-kva.example/',
    target: '_blank',
    rel: 'noopener noreferrer nofollow',
    referrerpolicy: 'no-referrer',
  })
})

const pre = (label: string, code: string, language = ''): string =>
  `<pre tabindex="0" role="group" aria-label="${label}"${language}><code>${code}</code></pre>`

test.each([
  ['```js\na\n\n  b\n```\nc', `${pre('Code: js', 'a\n\n  b', ' data-language="js"')}<p>c</p>`],
  ['```c++\r\na\r\n```\r\nb', `${pre('Code: c++', 'a', ' data-language="c++"')}<p>b</p>`],
  ['```\nx```\ny\n```\n', pre('Code', 'x```\ny')],
  ['```js title="a"\nb\n```', pre('Code', 'js title="a"\nb')],
  ['```js\ncut', pre('Code: js', 'cut', ' data-language="js"')],
  ['    a\n    b\n\nc', `${pre('Code', 'a\nb')}<p>c</p>`],
  [
    '> ```\n> a > b\n> ```\n> c\n\nd',
    `<blockquote>${pre('Code', 'a &gt; b')}<p>c</p></blockquote><p>d</p>`,
  ],
])('code: %j', (text, expected) => {
  expect(html(text)).toBe(expected)
})

const table = (head: string, body: string): string =>
  '<div class="table" tabindex="0" role="group" aria-label="Table"><table>' +
  `<thead><tr>${head}</tr></thead>${body === '' ? '' : `<tbody>${body}</tbody>`}</table></div>`
const th = (text: string): string => `<th scope="col">${text}</th>`

test.each([
  ['|a|b|\n|-|:-:|\n|*c*|d|', table(th('a') + th('b'), '<tr><td><em>c</em></td><td>d</td></tr>')],
  ['|a|\n|-|\nb\n\nc', `${table(th('a'), '<tr><td>b</td></tr>')}<p>c</p>`],
  ['|a|\n- <', table(th('a'), '<tr><td>- &lt;</td></tr>')],
  ['|a|\n- <\nc', `${table(th('a'), '<tr><td>- &lt;</td></tr>')}<p>c</p>`],
  ['|a|\n|-|\n|b <br\n\nc', `${table(th('a'), '<tr><td>b &lt;br</td></tr>')}<p>c</p>`],
  ['|a|\n|b|', table(th('a'), '<tr><td>b</td></tr>')],
  [`|a|\n|${'-'.repeat(3000)}|\n|b|`, table(th('a'), '<tr><td>b</td></tr>')],
  ['|a|\n\n|b|\n|-|\n|c|', table(th('a'), '') + table(th('b'), '<tr><td>c</td></tr>')],
])('table: %j', (text, expected) => {
  expect(html(text)).toBe(expected)
})

test('a table is not taken for the rest of one that was cut short', () => {
  expect(html('|a|\n|-|\n|b\n\n|c|\n|-|\n|d|')).toContain(table(th('c'), '<tr><td>d</td></tr>'))
})

test('an address in a cell ends with the cell', () => {
  const cells = written('|https://a.example|b|\n|-|-|\n|https://c.example|').querySelectorAll(
    'th, td',
  )
  expect([...cells].map((cell) => cell.textContent)).toEqual([
    'https://a.example',
    'b',
    'https://c.example',
  ])
})

test('tasks are named, and cannot be changed', () => {
  const box = (checked: string): string =>
    `<input type="checkbox" disabled="" aria-label="Task"${checked}>`
  expect(html('- [ ] a\n- [x] b')).toBe(
    `<ul><li class="task">${box('')} a</li><li class="task">${box(' checked=""')} b</li></ul>`,
  )
})

test('what is there stays', () => {
  const root = document.createElement('div')
  const writer = new MarkdownWriter(root)
  writer.write('One')
  const paragraph = root.firstChild
  const text = paragraph?.firstChild
  writer.write(' two **three')
  writer.write('** four\n\n- five')
  writer.end()
  expect(root.firstChild).toBe(paragraph)
  expect(paragraph?.firstChild).toBe(text)
  expect(text?.textContent).toBe('One two ')
})

test('what is certain is shown at once', () => {
  const root = document.createElement('div')
  const writer = new MarkdownWriter(root)
  writer.write('Hello wor')
  expect(root.textContent).toBe('Hello wo')
  writer.end()
  expect(root.textContent).toBe('Hello wor')
})

test('a long text is in few nodes, none of them long, and no character is cut apart', () => {
  const text = `aaa${'🐿️ '.repeat(25_000)}b`
  const pieces = text.match(/[^]{1,7}/g) ?? []
  const nodes = [...(written(...pieces).firstChild?.childNodes ?? [])]
  // Not `toBe(text)`: the report of a failure would take minutes.
  expect(nodes.map((node) => node.textContent).join('') === text).toBe(true)
  expect(nodes.length).toBeLessThan(30)
  for (const { textContent } of nodes) {
    expect(textContent?.length).toBeLessThanOrEqual(4097)
    expect(textContent).not.toMatch(/[\uD800-\uDBFF]$/)
  }
})

const long = 60_000
test.each([
  ['dashes', '-'.repeat(long)],
  ['digits', '1'.repeat(long)],
  ['backticks', '`'.repeat(long)],
  ['the line of a fence', '```' + 'a'.repeat(long)],
  ['backticks in code', '```\na' + '`'.repeat(long)],
  ['backticks in a line', 'a ' + '`'.repeat(long)],
  ['the address of a link', '[a](https://b.example/' + 'c'.repeat(long)],
  ['the address of an image', '![a](https://b.example/' + 'c'.repeat(long)],
  ['a bare address', 'https://b.example/' + 'c'.repeat(long)],
  ['parentheses', '[a](' + '()'.repeat(long / 2)],
  ['words', 'word '.repeat(long / 5)],
  ['underscores', 'a_'.repeat(long / 2)],
])('%s without end: little is held back, and nothing is lost', { timeout: 120_000 }, (_, text) => {
  const root = document.createElement('div')
  const writer = new MarkdownWriter(root)
  writer.write(text)
  // What is held back is copied for each character: unbounded, that is quadratic.
  expect(root.textContent.length).toBeGreaterThan(text.length - 2100)
  writer.end()
  const told = (all: string): string => all.replaceAll(/[\s`]/g, '')
  expect(told(root.textContent) === told(text)).toBe(true)
})

test('what was held back too long leaves no trace', () => {
  expect(html(`${'-'.repeat(600)}\n\n***\n`)).toMatch(/^<p>-+<\/p><hr>$/)
  expect(html(`\`\`\`${'a'.repeat(600)}\`\`\` b`)).toMatch(/^<p><code>a+<\/code> b<\/p>$/)
})

test('a line break that never ends is shown as text', () => {
  const root = document.createElement('div')
  new MarkdownWriter(root).write(`a <br${' '.repeat(1000)}`)
  expect(root.textContent.trim()).toBe('a <br')
})

const depthOf = (element: Element): number =>
  1 + Math.max(0, ...[...element.children].map((child) => depthOf(child)))

test.each([
  ['quotes', `${'>'.repeat(1000)} end`],
  ['spaced quotes', `${'> '.repeat(1000)}end`],
  ['lists', Array.from({ length: 300 }, (_, i) => `${' '.repeat(i * 2)}- end`).join('\n')],
  ['emphasis', `${'*a _b '.repeat(1000)}end`],
  ['emphasis, looked at twice', '```' + '*a _b '.repeat(60) + 'end `c`'],
  ['brackets', `${'['.repeat(1000)}end`],
  ['quotes of lists', `${'> - '.repeat(1000)}end`],
])('%s a thousand deep: the elements are not, and nothing is lost', (_, text) => {
  const root = written(text)
  expect(depthOf(root)).toBeLessThan(40)
  const words = (all: string): string => all.replaceAll(/[^a-z]/g, '')
  expect(words(root.textContent)).toBe(words(text))
})

test('quotes deeper than the parser can count are quotes still', () => {
  const root = written(`${'>'.repeat(100)} end`)
  expect(root.querySelectorAll('blockquote')).toHaveLength(100)
  expect(root.textContent).toBe('end')
})

test('a fault of the parser costs the formatting of the rest, and no text', () => {
  const real = vi.mocked(smd.parser_write).getMockImplementation()
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  vi.mocked(smd.parser_write).mockImplementation((parser, chunk) => {
    if (chunk === '!') throw new Error('a fault')
    real?.(parser, chunk)
  })
  const root = document.createElement('div')
  const writer = new MarkdownWriter(root)
  writer.write('one **two!')
  writer.write(' **three** <b>\n')
  writer.write('four_five')
  writer.end()
  writer.end()
  vi.mocked(smd.parser_write).mockImplementation(real ?? (() => undefined))
  expect(root.innerHTML).toBe(
    '<p>one <strong>two!</strong></p><p> **three** &lt;b&gt;<br>four_five</p>',
  )
  expect(warn).toHaveBeenCalledOnce()
})

test.each([
  ['a letter in two pieces', ['\uD835', '\uDC9C_b_c'], '<p>𝒜_b_c</p>'],
  ['half a letter', ['a\uD835'], '<p>a\uD835</p>'],
  ['what could become a line break', ['a <'], '<p>a &lt;</p>'],
  ['characters that must not be shown', ['a\0b\uFDD0c'], '<p>a\uFFFDb\uFFFDc</p>'],
  ['line ends of all kinds, cut apart', ['a\r', '\nb\rc'], '<p>a<br>b<br>c</p>'],
])('%s', (_, pieces, expected) => {
  expect(html(...pieces)).toBe(expected)
})

test('after the end, a new reply begins', () => {
  const root = document.createElement('div')
  const writer = new MarkdownWriter(root)
  writer.write('```\na')
  writer.end()
  writer.write('*b*')
  writer.end()
  expect(root.innerHTML).toBe(`${pre('Code', 'a')}<p><em>b</em></p>`)
})
