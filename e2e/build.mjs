// Bundles the conformance suite for every kind of engine, over what a user gets: the packed packages,
// installed into an empty folder. Never over the workspace's sources, nor its dist/.

import { build } from 'esbuild'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { installPacked, packPackages } from '../scripts/packed.mjs'
import { temporaryFolder } from './lib/processes.mjs'

/**
 * The suite, ready to run.
 * @typedef {object} Suite
 * @property {string} folder with the bundles: `process.mjs` for Node, Deno and Bun, which loads the
 *   installed packages; `workerd.mjs`, `page.mjs` and `worker.js`, which hold them
 * @property {typeof import('@ratatoskr/testkit')} testkit the installed one
 * @property {typeof import('@ratatoskr/testkit/node')} testkitNode
 */

const ours = /^(ratatoskr|@ratatoskr\/testkit)(\/|$)/
const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const entry = (/** @type {string} */ name) => at(`conformance/entry/${name}.ts`)

/** @returns {Promise<Suite>} */
export async function buildSuite() {
  const folder = temporaryFolder()
  await installPacked(folder, ['ratatoskr', '@ratatoskr/testkit'], await packPackages(folder))
  /** @type {import('esbuild').BuildOptions & { metafile: true }} */
  const shared = {
    absWorkingDir: folder,
    outdir: folder,
    bundle: true,
    platform: 'neutral',
    target: 'es2022',
    metafile: true,
    logLevel: 'warning',
    // The workspace's own tsconfig.json has paths that lead to the sources.
    tsconfigRaw: {},
    plugins: [installed(folder)],
  }
  const modules = /** @type {const} */ ({ format: 'esm', outExtension: { '.js': '.mjs' } })
  const results = await Promise.all([
    build({ ...shared, ...modules, entryPoints: [entry('process')], packages: 'external' }),
    build({ ...shared, ...modules, entryPoints: [entry('workerd'), entry('page')] }),
    // Not every browser's service worker may be a module.
    build({ ...shared, format: 'iife', entryPoints: [entry('worker')] }),
  ])
  const strays = results
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .filter((path) => /(^|\/)packages\/[\w-]+\/(src|dist)\//.test(path))
  if (strays.length > 0) throw new Error(`The bundle has the workspace in it: ${strays.join()}`)

  const { resolve } = createRequire(join(folder, 'package.json'))
  const load = (/** @type {string} */ name) => import(pathToFileURL(resolve(name)).href)
  return {
    folder,
    testkit: await load('@ratatoskr/testkit'),
    testkitNode: await load('@ratatoskr/testkit/node'),
  }
}

/**
 * The packages' names mean the installed ones, wherever the importing file lies.
 * @param {string} folder
 * @returns {import('esbuild').Plugin}
 */
const installed = (folder) => ({
  name: 'installed',
  setup(plugin) {
    if (plugin.initialOptions.packages === 'external') return
    plugin.onResolve({ filter: ours }, ({ path, kind, pluginData }) =>
      pluginData === folder
        ? undefined
        : plugin.resolve(path, { resolveDir: folder, kind, pluginData: folder }),
    )
  },
})
