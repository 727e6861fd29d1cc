// What a page pays: each entry of ours, and everybody's code for the same job.

import { brotliCompressSync, gzipSync } from 'node:zlib'
import { builtinModules } from 'node:module'
import { publicPackages } from '../../scripts/aliases.mjs'
import { contestants, floor } from '../contestants/index.mjs'
import { bundle } from '../lib/bundle.mjs'

/**
 * @typedef {object} SizeRow
 * @property {string} name
 * @property {string} [failure]
 * @property {string} [remark]
 * @property {number} [min] bytes, minified
 * @property {number} [gzip]
 * @property {number} [brotli]
 */

/** Each entry of the library, all that it exports. @returns {Promise<SizeRow[]>} */
export async function entrySizes() {
  const entries = publicPackages()
    .filter(({ name }) => name === 'ratatoskr')
    .flatMap(({ entries: all }) => Object.keys(all))
  /** @type {SizeRow[]} */
  const rows = []
  for (const entry of entries) rows.push(await sizeOf(entry, `export * from '${entry}'`))
  return rows
}

/**
 * The contestants' own files: to stream one reply of this wire.
 * @param {import('../lib/types.ts').Wire} wire
 * @param {(name: string) => boolean} isWanted
 * @returns {Promise<SizeRow[]>}
 */
export async function jobSizes(wire, isWanted) {
  const name = wire === 'anthropic' ? 'anthropic' : 'openaiChat'
  const wanted = contestants.filter(
    (each) => each.name !== floor && each.wires.includes(wire) && isWanted(each.name),
  )
  /** @type {SizeRow[]} */
  const rows = []
  for (const each of wanted) {
    rows.push(await sizeOf(each.name, `export { ${name} } from './contestants/${each.file}'`))
  }
  return rows
}

/** @param {string} name @param {string} code @returns {Promise<SizeRow>} */
async function sizeOf(name, code) {
  try {
    const { outputFiles = [], metafile } = await bundle(code, {
      minify: true,
      splitting: true,
      metafile: true,
      // Those who need Node get it for nothing, and are told of.
      external: [...builtinModules, 'node:*'],
    })
    const outputs = metafile?.outputs ?? {}
    const paths = loadedAtOnce(outputs)
    const files = outputFiles.filter(({ path }) => paths.some((loaded) => path.endsWith(loaded)))
    const bytes = Buffer.concat(files.map(({ contents }) => contents))
    const imports = paths.flatMap((path) => outputs[path]?.imports ?? [])
    const node = new Set(imports.filter(({ external }) => external).map(({ path }) => path))
    return {
      name,
      min: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
      ...(node.size === 0 ? {} : { remark: `needs Node: ${[...node].join(', ')}` }),
    }
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n').slice(1)
    return { name, failure: `does not bundle for the browser: ${line ?? 'no reason given'}` }
  }
}

/**
 * The entry, and all that it imports before it runs.
 * @param {import('esbuild').Metafile['outputs']} outputs
 */
function loadedAtOnce(outputs) {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint !== undefined)
  const loaded = entry === undefined ? [] : [entry]
  for (const path of loaded) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind !== 'dynamic-import' && outputs[next] && !loaded.includes(next)) loaded.push(next)
    }
  }
  return loaded
}
