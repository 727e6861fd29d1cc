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

/** Our own contestants in a page. */
export const bundlePage = () => textOf("import './engines/page.mjs'", 'iife')

/** Our own contestants in a worker. */
export const bundleWorker = () => textOf("export { default } from './engines/worker.mjs'", 'esm')

/** @param {string} code @param {'iife' | 'esm'} format */
async function textOf(code, format) {
  const { outputFiles } = await bundle(code, { format })
  return outputFiles?.[0]?.text ?? ''
}
