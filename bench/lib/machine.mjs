// What the figures were measured on, and with.

import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { output } from '../../e2e/lib/processes.mjs'
import { contestants } from '../contestants/index.mjs'

/** The machine, without its name. */
export function machine() {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown CPU',
    cores: all.length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${osName()}, ${type()} ${release()}`,
  }
}

function osName() {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? type()
  } catch {
    return type()
  }
}

/** @param {string} node the binary */
export async function nodeVersion(node) {
  return (await output(node, ['--version']))?.replace(/^v/, '')
}

/** The version of each package that takes part, as it is pinned. @returns {Record<string, string>} */
export function versions() {
  const ours = readManifest('../../packages/ratatoskr/package.json')
  const pinned = readManifest('../package.json').dependencies ?? {}
  return { ratatoskr: ours.version, ...pinned }
}

/** @param {string} name of a contestant @returns {string} its package and version */
export function packageOf(name) {
  const entry = contestants.find((each) => each.name === name)
  if (entry?.package === undefined) return ''
  return `${entry.package} ${versions()[entry.package] ?? ''}`
}

/** @param {string} path @returns {{ version: string, dependencies?: Record<string, string> }} */
const readManifest = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
