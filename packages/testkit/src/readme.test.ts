// The package's README: its examples are well typed, and run without the network.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { load, printed, readExamples, typeCheck, writeExamples } from '../../../docs/examples.ts'
import { scriptNames } from './named-script.ts'

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const directory = writeExamples('testkit', readExamples(page))

test('the examples are well typed', async () => {
  expect(await typeCheck(directory)).toBe('')
})

test('they print what they say', async () => {
  expect(await printed(() => load(directory, '1.ts'))).toBe('Hello!\n')
  expect(await printed(() => load(directory, '2.ts'))).toBe('truncated\n')
})

test('the names of the scripts are complete', () => {
  for (const name of scriptNames) expect(page).toContain(`\`${name}\``)
})
