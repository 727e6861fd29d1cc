import { build } from 'esbuild'
import { sourceAliases } from '../../scripts/aliases.mjs'

/** One file of an entry and the sources of all that it imports, for a runtime that is no browser. */
export async function bundle(
  entry: string,
  define: { readonly [name: string]: string } = {},
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    alias: sourceAliases(),
    define,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
