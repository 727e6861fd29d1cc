// Installs the packages of this clone into a project that names them, such as a copy of an example: `npm run use-packed -- ../my-app`.
// The tarballs stay there, in `packed/`; everything else comes from the registry.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { publicPackages } from './aliases.mjs'
import { packPackages } from './packed.mjs'
import { run } from './run.mjs'

const project = resolve(process.argv[2] ?? '.')
const manifest = join(project, 'package.json')
if (process.argv[2] === undefined || !existsSync(manifest)) {
  console.error(
    'Name the folder of a project that has a package.json: npm run use-packed -- ../my-app',
  )
  process.exit(2)
}
/** @type {{ dependencies?: Record<string, string>, devDependencies?: Record<string, string> }} */
const { dependencies, devDependencies } = JSON.parse(readFileSync(manifest, 'utf8'))
const named = { ...dependencies, ...devDependencies }
const used = publicPackages().filter(({ name }) => name in named)
if (used.length === 0) {
  const names = publicPackages().map(({ name }) => name)
  console.error(`${manifest} names none of ${names.join(', ')}. Add them to its dependencies.`)
  process.exit(2)
}
const packed = join(project, 'packed')
mkdirSync(packed, { recursive: true })
const packages = await packPackages(packed)
const names = new Set(used.map(({ name }) => name))
const paths = packages.flatMap(({ name, tarball }) => (names.has(name) ? [tarball] : []))
const { ok } = await run(['npm', 'install', ...paths], { cwd: project, live: true })
process.exitCode = ok ? 0 : 1
