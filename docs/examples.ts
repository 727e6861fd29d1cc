import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'node:util'
import { vi } from 'vitest'
import { root } from '../scripts/aliases.mjs'
import { run } from '../scripts/run.mjs'

/** A piece of code in a text, and where it stands. */
export interface Example {
  /** The file that it is, as its first line says, or one made up. */
  name: string
  code: string
  /** The line in the text on which the code begins, counted from 1. */
  line: number
}

/** The ```ts blocks of a text. Where the first line is a comment with a file name, that is its name. */
export function readExamples(text: string): Example[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }, i) => ({
    name: /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? `${i + 1}.ts`,
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }))
}

/**
 * Writes examples into a folder of their own, beside this file and unknown to git, so that they
 * are compiled and run as anybody's files are. Returns the folder.
 */
export function writeExamples(folder: string, examples: readonly Example[]): string {
  const directory = join(root, 'docs', '.tmp', folder)
  mkdirSync(directory, { recursive: true })
  const stale = new Set(readdirSync(directory))
  const write = (name: string, text: string): void => {
    stale.delete(name)
    const file = join(directory, name)
    // Rewriting the same would wake vitest's watcher.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  }
  for (const { name, code } of examples) write(name, code)
  write('tsconfig.json', JSON.stringify(config))
  for (const name of stale) rmSync(join(directory, name))
  return directory
}

// As strict as this workspace, but for what is a matter of taste in an example.
const config = {
  extends: '../../../tsconfig.json',
  compilerOptions: {
    noPropertyAccessFromIndexSignature: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['*.ts'],
}

/**
 * Type-checks a folder of examples. Returns what the compiler complains of, '' for nothing. What
 * it finds in the packages' sources is left to the check of those.
 */
export async function typeCheck(directory: string): Promise<string> {
  const { ok, output } = await run(['tsc', '-p', directory, '--pretty', 'false'])
  return ok ? '' : output.replaceAll(/^packages\/.*\n(?: .*\n)*/gm, '')
}

/** Runs something and returns what it prints. */
export async function printed(task: () => Promise<unknown>): Promise<string> {
  let output = ''
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    output += `${format(...values)}\n`
  })
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text)
    return true
  })
  try {
    await task()
  } finally {
    log.mockRestore()
    write.mockRestore()
  }
  return output
}

/** Loads a module anew, with all that it imports. */
export async function load(directory: string, name: string): Promise<unknown> {
  vi.resetModules()
  return (await import(/* @vite-ignore */ join(directory, name))) as unknown
}
