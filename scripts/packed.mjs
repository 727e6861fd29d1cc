// What a user gets: the public packages as tarballs, and installed from them without a network.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages, root } from './aliases.mjs'
import { runOrThrow } from './run.mjs'

/**
 * A public package and the tarball of it.
 * @typedef {import('./aliases.mjs').Package & {
 *   tarball: string, size: number, files: { path: string }[],
 * }} Packed
 */

/**
 * Packs every public package, which builds it.
 * @param {string} destination A folder.
 * @returns {Promise<Packed[]>}
 */
export async function packPackages(destination) {
  /** @type {Packed[]} */
  const packages = []
  for (const one of publicPackages()) {
    const printed = await runOrThrow(
      ['npm', 'pack', '--json', '--loglevel=error', '--pack-destination', destination],
      { cwd: one.directory },
    )
    const { filename, size, files } = packedFile(printed)
    packages.push({ ...one, tarball: join(destination, filename), size, files })
  }
  return packages
}

/**
 * Makes a folder the project of a user of some of the packages, asking no registry. A package.json that it has keeps its
 * fields, but for what it depends on.
 * @param {string} folder
 * @param {readonly string[]} names
 * @param {readonly Packed[]} packages
 */
export async function installPacked(folder, names, packages) {
  mkdirSync(folder, { recursive: true })
  const dependencies = Object.assign({}, ...names.map((name) => localCopies(name, packages)))
  const path = join(folder, 'package.json')
  /** @type {{ devDependencies?: unknown }} */
  const had = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  const { devDependencies: _, ...kept } = had
  const manifest = { private: true, type: 'module', ...kept, dependencies }
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
  await runOrThrow(['npm', 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
  })
}

/**
 * A package and all that it needs, from this machine: the tarballs of our own, the workspace's
 * copies of the others.
 * @param {string} name
 * @param {readonly Packed[]} packages
 * @returns {Record<string, string>}
 */
function localCopies(name, packages) {
  const own = packages.find((one) => one.name === name)
  if (own === undefined) return { [name]: `file:${join(root, 'node_modules', name)}` }
  /** @type {{ dependencies?: Record<string, string> }} */
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(own.directory, 'package.json'), 'utf8'),
  )
  return Object.assign(
    { [name]: `file:${own.tarball}` },
    ...Object.keys(dependencies).map((needed) => localCopies(needed, packages)),
  )
}

/**
 * @param {string} stdout Of `npm pack --json`, after what a script printed.
 * @returns {{ filename: string, size: number, files: { path: string }[] }}
 */
function packedFile(stdout) {
  const [packed] = JSON.parse(stdout.slice(stdout.search(/^\[$/m)))
  return packed
}
