import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import type { ManyStreams } from './many-streams.ts'

const total = Number(process.env['RATATOSKR_STREAMS'] ?? 10_000)

test(`${total} short replies leave nothing behind`, async () => {
  const { samples, ends, overHttp } = await runMany(total)
  console.log(samples, ends, `${overHttp} over HTTP`)

  const streams = Object.values(ends).reduce((sum, count) => sum + count, 0)
  expect(streams).toBe(total)
  expect(Object.keys(ends).toSorted()).toEqual([
    'way 0: ended',
    'way 1: ended',
    'way 2: ended',
    'way 3: ended',
    'way 4: truncated',
    'way 5: aborted',
    'way 6: ended',
    'way 7: cancelled',
  ])
  expect(samples.map(({ listeners }) => listeners)).toEqual(samples.map(() => 0))
  expect(samples.map(({ handles }) => handles)).toEqual(samples.map(() => 0))
  // The first two have what is compiled and cached once. A reply that is kept takes kilobytes.
  const [from, to] = [samples[1], samples.at(-1)]
  const growth = (to?.heap ?? Infinity) - (from?.heap ?? 0)
  expect(growth / ((to?.streams ?? 0) - (from?.streams ?? 0))).toBeLessThan(250)
}, 600_000)

async function runMany(count: number): Promise<ManyStreams> {
  const folder = await mkdtemp(join(tmpdir(), 'ratatoskr-streams-'))
  try {
    const outfile = join(folder, 'many-streams.mjs')
    const root = join(import.meta.dirname, '../..')
    await build({
      entryPoints: [join(import.meta.dirname, 'many-streams.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      tsconfig: join(root, 'tsconfig.json'),
      logLevel: 'error',
    })
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, ['--expose-gc', outfile, `${count}`])
    expect(stderr).toBe('')
    return JSON.parse(stdout) as ManyStreams
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
