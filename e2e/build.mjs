// Bundles the conformance suite into .build/, over the built library: never over its sources.

import { build } from 'esbuild'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
export const buildFolder = at('.build')

/** @returns {Promise<void>} */
export async function buildSuite() {
  if (!existsSync(at('../packages/ratatoskr/dist/index.js'))) {
    throw new Error('The library is not built. Run `npm run build` first.')
  }
  const [, bundled] = await Promise.all([
    // Node, Deno and Bun load the library's own files through its package exports.
    build({ ...shared, entryPoints: [at('conformance/entry/process.ts')], packages: 'external' }),
    build({
      ...shared,
      entryPoints: [at('conformance/entry/browser.ts'), at('conformance/entry/worker.ts')],
    }),
  ])
  const inputs = Object.keys(bundled.metafile.inputs)
  const sources = inputs.filter((path) => path.includes('packages/ratatoskr/src'))
  if (sources.length > 0) throw new Error(`The bundle has sources in it: ${sources.join()}`)
}

const shared = /** @type {const} */ ({
  absWorkingDir: at('.'),
  outdir: buildFolder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  metafile: true,
  logLevel: 'warning',
  // The workspace's own tsconfig.json has paths that lead to the sources.
  tsconfigRaw: {},
})
