// README.md: its example runs, its table is complete; and no page of the project has a dead link.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicPackages, root } from '../scripts/aliases.mjs'
import { load, printed, readExamples, typeCheck, writeExamples } from './examples.ts'
import { says, SimulatedProvider } from './simulated-provider.ts'

const page = readFileSync(join(root, 'README.md'), 'utf8')
const examples = readExamples(page)
const directory = writeExamples('readme', examples)
const provider = new SimulatedProvider()

beforeAll(() => {
  process.env['OPENROUTER_API_KEY'] = 'sk-example'
  return provider.start()
})
afterAll(() => provider.stop())

test('the example is well typed', { timeout: 60_000 }, async () => {
  expect(await typeCheck(directory)).toBe('')
})

test('the example streams', async () => {
  expect(examples).toHaveLength(1)
  provider.replies = [{ chunks: says('A squirrel ', '🐿️ ran up.') }]
  expect(await printed(() => load(directory, '1.ts'))).toBe('A squirrel 🐿️ ran up.')
})

test('the table names every entry of the library, and no other', () => {
  const named = [...page.matchAll(/^\| `(ratatoskr[^`]*)`/gm)].map(([, name]) => name)
  const library = publicPackages().find(({ name }) => name === 'ratatoskr')
  expect(new Set(named)).toEqual(new Set(Object.keys(library?.entries ?? {})))
})

test('the commands are scripts of the workspace', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const commands = [...page.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)]
  expect(commands.length).toBeGreaterThan(3)
  for (const [, run, lifecycle] of commands)
    expect(scripts).toHaveProperty([run ?? lifecycle ?? ''])
})

describe('links', () => {
  const pages = [
    ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].map((name) => join(root, name)),
    ...['docs', 'docs/decisions'].flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(root, folder, name)),
    ),
  ]

  test.each(pages.map((path) => relative(root, path)))('%s', (name) => {
    const path = join(root, name)
    const text = readFileSync(path, 'utf8').replaceAll(/^```.*?^```/gms, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const goal = file === '' ? path : join(dirname(path), file)
      expect(existsSync(goal), target).toBe(true)
      if (anchor !== undefined) expect(anchors(goal), target).toContain(anchor)
    }
  })

  test('every decision has its number, and there is none without', () => {
    const numbers = readdirSync(join(root, 'docs/decisions')).map((name) =>
      Number(name.slice(0, 4)),
    )
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))
  })
})

/** The anchors that a page's headings make, as GitHub makes them. */
function anchors(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}
