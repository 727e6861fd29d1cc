// Where each public name of the packages (`ratatoskr/streams`) lies in the sources, derived from
// their `exports`, so that tests and the playground run without a build and the list is written once.
import { readFileSync, readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the workspace. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} directory Absolute.
 * @property {Record<string, string>} entries From the name in an import to the built file, relative to the package.
 */

/**
 * The packages that are published, with their entries.
 * @returns {Package[]}
 */
export function publicPackages() {
  const directories = readdirSync(join(root, 'packages')).map((name) =>
    join(root, 'packages', name),
  )
  /** @type {Package[]} */
  const packages = []
  for (const directory of directories) {
    const manifestPath = join(directory, 'package.json')
    if (!existsSync(manifestPath)) continue
    /** @type {{ name: string, private?: boolean, exports?: Record<string, string | { default: string }> }} */
    const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'))
    if (manifest.private === true) continue
    /** @type {Record<string, string>} */
    const entries = {}
    for (const [path, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target === 'string') continue // ./package.json
      entries[manifest.name + path.slice(1)] = target.default
    }
    packages.push({ name: manifest.name, directory, entries })
  }
  return packages
}

/**
 * From each public name to its absolute source file.
 * @returns {Record<string, string>}
 */
export function sourceAliases() {
  /** @type {Record<string, string>} */
  const aliases = {}
  for (const { directory, entries } of publicPackages()) {
    for (const [name, built] of Object.entries(entries)) {
      aliases[name] = join(directory, built.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'))
    }
  }
  return aliases
}
