import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, sourceAliases } from './aliases.mjs'

describe('sourceAliases', () => {
  it('maps every public entry to a source file that exists', () => {
    const missing = Object.values(sourceAliases()).filter((file) => !existsSync(file))
    expect(missing.map((file) => relative(root, file))).toEqual([])
  })

  it('says the same as `paths` in the root tsconfig.json', () => {
    const text = readFileSync(join(root, 'tsconfig.json'), 'utf8')
    const config = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, '')) as {
      compilerOptions: { paths: Record<string, string[]> }
    }
    const expected = Object.fromEntries(
      Object.entries(sourceAliases()).map(([name, file]) => [name, [`./${relative(root, file)}`]]),
    )
    expect(config.compilerOptions.paths).toEqual(expected)
  })
})
