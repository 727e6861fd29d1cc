// Before `npm pack` of a package: builds, and copies what npm expects beside its package.json. The names of files
// as arguments copy only those: a package may have a README of its own.
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './aliases.mjs'
import { runOrThrow } from './run.mjs'

await runOrThrow([process.execPath, join(root, 'scripts/build.mjs')])
const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : ['LICENSE', 'README.md']) {
  const source = join(root, name)
  if (existsSync(source)) copyFileSync(source, join(process.cwd(), name))
}
