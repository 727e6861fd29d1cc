// Bundles over the built library, never over its sources.

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const folder = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param {string} code
 * @param {import('esbuild').BuildOptions} [options]
 */
export const bundle = (code, options = {}) =>
  build({
    stdin: { contents: code, resolveDir: folder, sourcefile: 'entry.mjs' },
    absWorkingDir: folder,
    // Not the workspace's `paths`, which lead to the sources.
    tsconfigRaw: {},
    bundle: true,
    write: false,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    ...options,
  })

/** Our own contestants, for engines that cannot read files. */
export async function bundleOwn(/** @type {string} */ entry) {
  const { outputFiles } = await bundle(`import './engines/${entry}'`, {
    format: entry.startsWith('page') ? 'iife' : 'esm',
  })
  return outputFiles?.[0]?.text ?? ''
}
