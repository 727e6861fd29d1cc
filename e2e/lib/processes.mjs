// Child processes that never outlive the harness: each is the leader of a group of its own, and
// what still runs when the harness ends, for whatever reason, is killed with its group.

import { spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set()
/** @type {Set<string>} */
const folders = new Set()

process.on('exit', () => {
  for (const child of running) kill(child)
  for (const folder of folders) remove(folder)
})
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => process.exit(1))
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {ChildProcess & { output: () => string, exited: Promise<number | null> }}
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    detached: true,
  })
  running.add(child)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      printed = (printed + String(data)).slice(-8000)
    })
  }
  /** @type {Promise<number | null>} */
  const exited = new Promise((resolve) => {
    child.on('error', (error) => {
      printed += String(error)
      running.delete(child)
      resolve(null)
    })
    child.on('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  return Object.assign(child, { output: () => printed, exited })
}

/** @param {ChildProcess} child */
function kill(child) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

/** @param {ChildProcess & { exited: Promise<unknown> }} child */
export async function stop(child) {
  kill(child)
  await child.exited
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string | undefined>} what it printed, if it ended well
 */
export async function output(command, args, options) {
  const child = start(command, args, options)
  const timer = setTimeout(() => kill(child), 60_000)
  const code = await child.exited
  clearTimeout(timer)
  return code === 0 ? child.output().trim() : undefined
}

/**
 * @param {...string} names
 * @returns {string | undefined} the first of them that is on the PATH
 */
export function which(...names) {
  return executables(names, process.env['PATH'])[0]
}

/**
 * @param {readonly string[]} names
 * @param {string} [path] as the PATH is written
 * @returns {string[]} all that are there: of the first name in each folder, then of the next
 */
export function executables(names, path = '') {
  const places = path.split(delimiter)
  return names
    .flatMap((name) => places.map((folder) => join(folder, name)))
    .filter((file) => isExecutable(file))
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A folder for one engine's home and profile, removed at the end. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'ratatoskr-e2e-'))
  folders.add(folder)
  return folder
}

/** @param {string} folder */
function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // A process that was just killed may still be writing; it is the system's temporary folder.
  }
}
