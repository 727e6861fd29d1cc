import { expect, test } from 'vitest'
import { parseOptions } from './options.mjs'

test('without options everything is measured, and may be written', () => {
  expect(parseOptions([])).toMatchObject({ only: undefined, peers: undefined, whole: true })
})

test('a part is never written', () => {
  for (const args of [
    ['--only', 'chat-16k'],
    ['--peers', 'openai,ai'],
  ]) {
    expect(parseOptions(args).whole).toBe(false)
  }
  expect(parseOptions(['--rounds', '5']).whole).toBe(true)
  expect(parseOptions(['--peers', 'openai,ai']).peers).toEqual(['openai', 'ai'])
})

test.each([['--only'], ['--fast', 'yes'], ['--rounds', '0'], ['--rounds', 'many'], ['chat-16k']])(
  'refuses %s %s',
  (...args) => {
    expect(() => parseOptions(args)).toThrow(/Cannot read|--rounds must be/)
  },
)
