import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './aliases.mjs'
import { checkLayers, layers } from './layers.mjs'

const problemsOf = (files: Record<string, string>) =>
  checkLayers(new Map(Object.entries(files))).problems

describe('checkLayers', () => {
  it('accepts imports of the same layer, of earlier ones and of valibot', () => {
    const problems = problemsOf({
      'event.ts': 'export type A = string',
      'message.ts': "import type { A } from './event.ts'\nexport type B = A",
      'json/parse.ts': "import * as v from 'valibot'\nimport type { B } from '../message.ts'",
      'providers/openai.ts': "export { x } from '../json/parse.ts'",
      'gateway.ts': "import './providers/openai.ts'",
      'index.ts': "export * from './gateway.ts'",
    })
    expect(problems).toEqual([])
  })

  it.each([
    ['an import', "import { push } from '../dialects/chat.ts'"],
    ['an import of a type', "import type { Push } from '../dialects/chat.ts'"],
    ['a re-export', "export { push } from '../dialects/chat.ts'"],
    ['a re-export of everything', "export * from '../dialects/chat.ts'"],
    ['a dynamic import', "const load = () => import('../dialects/chat.ts')"],
    ['a type by import()', "type Push = import('../dialects/chat.ts').Push"],
  ])('finds %s from a later layer', (_, text) => {
    const problems = problemsOf({
      'frames/sse.ts': text,
      'dialects/chat.ts': 'export const push = 1',
    })
    expect(problems).toEqual([
      'frames/sse.ts (frames) imports dialects/chat.ts (dialects), a later layer',
    ])
  })

  it('does not take text in a comment or a string for an import', () => {
    const text = "// import './dialects/chat.ts'\nconst text = \"import './dialects/chat.ts'\""
    expect(problemsOf({ 'event.ts': text, 'dialects/chat.ts': '' })).toEqual([])
  })

  it('counts every other file at the top as the gateway’s layer', () => {
    const problems = problemsOf({ 'routing.ts': "import './index.ts'", 'index.ts': '' })
    expect(problems).toEqual(['routing.ts (gateway) imports index.ts (index), a later layer'])
  })

  it('finds a circle inside a layer, once', () => {
    const problems = problemsOf({
      'json/a.ts': "import './b.ts'",
      'json/b.ts': "import type { C } from './c.ts'",
      'json/c.ts': "import './a.ts'",
    })
    expect(problems).toEqual([
      'json/a.ts → json/b.ts → json/c.ts → json/a.ts is a circle of imports',
    ])
  })

  it.each([
    ["import 'node:fs'", 'event.ts imports node:fs from outside the package'],
    ["import 'ratatoskr'", 'event.ts imports ratatoskr from outside the package'],
    ["import './missing.ts'", 'event.ts imports ./missing.ts, which is no source file'],
    ["import './event'", 'event.ts imports ./event, which is no source file'],
  ])('refuses %s', (text, problem) => {
    expect(problemsOf({ 'event.ts': text })).toEqual([problem])
  })

  it('refuses a folder that it does not know', () => {
    expect(problemsOf({ 'utils/text.ts': '' })).toEqual([
      'utils/text.ts lies in no known layer: name its folder in scripts/layers.mjs',
    ])
  })

  it('remarks on a file of more than 300 lines', () => {
    const { remarks, problems } = checkLayers(
      new Map([
        ['event.ts', '//\n'.repeat(300)],
        ['message.ts', '//\n'.repeat(301)],
      ]),
    )
    expect(remarks).toEqual(['message.ts has 301 lines: does it do more than one thing?'])
    expect(problems).toEqual([])
  })
})

describe('the pure layers', () => {
  const pure = layers
    .filter((layer) => layer.pure)
    .flatMap((layer) => layer.members)
    .map((member) => `src/${member.endsWith('/') ? `${member}**/*.ts` : member}`)
    .toSorted()

  it.each([
    ['tsconfig.pure.json', 'include'],
    ['tsconfig.json', 'exclude'],
  ] as const)('are what %s %ss', (file, key) => {
    const text = readFileSync(join(root, 'packages/ratatoskr', file), 'utf8')
    const config = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, '')) as Record<typeof key, string[]>
    const listed = config[key].filter(
      (path) => path !== 'src/web-globals.d.ts' && path !== 'src/**/*.test.ts',
    )
    expect(listed.toSorted()).toEqual(pure)
  })
})
