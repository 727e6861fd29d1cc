import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isExecutable } from './processes.mjs'

const require = createRequire(import.meta.url)

/**
 * The binary that an npm package's install script has put into its folder.
 * @param {string} name
 * @param {string} path
 * @returns {string | undefined}
 */
export function packagedBinary(name, path) {
  try {
    const binary = join(dirname(require.resolve(`${name}/package.json`)), path)
    return isExecutable(binary) ? binary : undefined
  } catch {
    return undefined
  }
}
