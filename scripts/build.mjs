// Builds every package into its dist/, and removes from there what has no source any more.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages } from './aliases.mjs'
import { run } from './run.mjs'

const packages = publicPackages()
for (const { directory } of packages) {
  const dist = join(directory, 'dist')
  if (!existsSync(dist)) continue
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = join(directory, 'src', file.replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts'))
    if (/\.(js|ts|map)$/.test(file) && !existsSync(source)) rmSync(join(dist, file))
  }
}
const configs = packages.map(({ directory }) => join(directory, 'tsconfig.json'))
const { ok } = await run(['tsc', '-b', ...configs], { live: true })
process.exitCode = ok ? 0 : 1
