// Every @example in the sources of the packages is type-checked and run, with no network.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { publicPackages } from '../scripts/aliases.mjs'
import { load, printed, readExamples, typeCheck, writeExamples, type Example } from './examples.ts'

const examples = publicPackages().flatMap(({ directory }) => readSources(join(directory, 'src')))
const directory = writeExamples('tsdoc', examples)

beforeAll(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('An example runs without the network.')))
})
afterAll(() => {
  vi.unstubAllGlobals()
})

test('there are examples, and all are well typed', { timeout: 60_000 }, async () => {
  expect(examples.length).toBeGreaterThan(15)
  expect(await typeCheck(directory)).toBe('')
})

describe('they run', () => {
  test.each(examples)('$name', async ({ name }) => {
    expect(await printed(() => load(directory, name))).not.toContain('undefined')
  })
})

function readSources(src: string): Example[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  const packageName = basename(join(src, '..'))
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .toSorted()
    .flatMap((file) => {
      const comments = readFileSync(join(src, file), 'utf8').replaceAll(/^\s*\*(?: |$)/gm, '')
      return readExamples(comments).map(({ code, line }) => ({
        name: `${packageName}_${file.replaceAll(sep, '_').replace(/\.ts$/, '')}_${line}.ts`,
        code,
        line,
      }))
    })
}
