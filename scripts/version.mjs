// Before a release: `npm run version-packages`. Consumes the changesets into versions and CHANGELOG.md, and takes the versions to
// where changesets does not look: jsr.json, the examples, the lockfile.
import { readFileSync, readdirSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages, root } from './aliases.mjs'
import { run, runOrThrow } from './run.mjs'

const { ok } = await run(['changeset', 'version'], { live: true })
if (!ok) process.exit(1)

const examples = join(root, 'examples')
for (const { name, directory } of publicPackages()) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  for (const example of readdirSync(examples)) {
    const path = join(examples, example, 'package.json')
    if (!existsSync(path)) continue
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(new RegExp(`("${name}": ")[^"]*`), `$1${version}`))
  }
}
await runOrThrow([
  'npm',
  'install',
  '--package-lock-only',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
])
await runOrThrow([process.execPath, join(root, 'scripts/jsr.mjs'), '--write'])
await runOrThrow(['oxfmt'])
