// Before `npm pack` of a package: builds, and copies what npm expects beside its package.json.
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './aliases.mjs'
import { runOrThrow } from './run.mjs'

await runOrThrow([process.execPath, join(root, 'scripts/build.mjs')])
for (const name of ['LICENSE', 'README.md']) {
  const source = join(root, name)
  if (existsSync(source)) copyFileSync(source, join(process.cwd(), name))
}
