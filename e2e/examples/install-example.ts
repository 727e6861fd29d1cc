import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { inject } from 'vitest'
import { publicPackages, root } from '../../scripts/aliases.mjs'
import { installPacked } from '../../scripts/packed.mjs'

interface Manifest {
  readonly version: string
  readonly bin?: string | { readonly [name: string]: string }
  readonly dependencies?: { readonly [name: string]: string }
  readonly devDependencies?: { readonly [name: string]: string }
}

/** A copy of an example with what it depends on. */
export interface InstalledExample {
  readonly folder: string
  /** Its tools that are not there: they are in none of the folders. */
  readonly missing: readonly string[]
  remove(): Promise<void>
}

/**
 * Copies a folder of `examples/` out of this workspace and installs what its package.json names: our packages from their
 * tarballs, its tools as the workspace has them, or `tools`, a folder of node_modules. Both must be of the version
 * that it names, so that a person who installs it gets what was tested.
 */
export async function installExample(
  name: string,
  tools: readonly string[] = [],
): Promise<InstalledExample> {
  const folder = await mkdtemp(join(tmpdir(), `ratatoskr-${name}-`))
  const source = join(root, 'examples', name)
  await cp(source, folder, {
    recursive: true,
    // What somebody has tried out there.
    filter: (path) => !['node_modules', 'dist', 'packed', '.wrangler'].includes(basename(path)),
  })
  const { dependencies, devDependencies } = await readManifest(folder)
  const own = new Map(publicPackages().map(({ name: known, directory }) => [known, directory]))
  const used: string[] = []
  const missing: string[] = []
  const found = new Map<string, string>()
  for (const [needed, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    const directory = own.get(needed) ?? (await findTool(needed, tools))
    if (directory === undefined) {
      missing.push(needed)
      continue
    }
    const { version: there } = await readManifest(directory)
    if (there !== version) {
      throw new Error(`examples/${name} names ${needed} ${version}, and ${there} is tested`)
    }
    if (own.has(needed)) used.push(needed)
    else found.set(needed, directory)
  }
  await installPacked(folder, used, inject('packed'))
  for (const [needed, directory] of found) await link(folder, needed, directory)
  return { folder, missing, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function findTool(name: string, tools: readonly string[]): Promise<string | undefined> {
  for (const place of [join(root, 'node_modules'), ...tools]) {
    const directory = join(place, name)
    const isThere = await readManifest(directory).catch(() => undefined)
    if (isThere) return directory
  }
  return undefined
}

/** As npm would: the package, and its commands. */
async function link(folder: string, name: string, directory: string): Promise<void> {
  const target = join(folder, 'node_modules', name)
  await mkdir(dirname(target), { recursive: true })
  await symlink(directory, target)
  const { bin = {} } = await readManifest(directory)
  const commands = typeof bin === 'string' ? { [basename(name)]: bin } : bin
  const bins = join(folder, 'node_modules', '.bin')
  await mkdir(bins, { recursive: true })
  for (const [command, path] of Object.entries(commands)) {
    await symlink(join(target, path), join(bins, command))
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}
