// Running one command of the workspace.
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { root } from './aliases.mjs'

// This Node first: e2e's newer one also lies in node_modules/.bin.
const path = [
  dirname(process.execPath),
  join(root, 'node_modules', '.bin'),
  process.env['PATH'],
].join(delimiter)

/**
 * Runs a command and waits for its end. It has no stdin.
 * @param {string[]} command
 * @param {{ cwd?: string, live?: boolean }} [options] `live` prints the output as it comes instead of returning it.
 * @returns {Promise<{ ok: boolean, output: string, stdout: string }>} `output` is stdout and stderr together.
 */
export async function run([file = '', ...args], { cwd = root, live = false } = {}) {
  const child = spawn(file, args, {
    cwd,
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    env: { ...process.env, PATH: path },
  })
  let output = ''
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    output += text
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    output += text
  })
  /** @type {boolean} */
  const ok = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += `${error.message}\n`
      resolve(false)
    })
    child.on('close', (code) => resolve(code === 0))
  })
  return { ok, output, stdout }
}

/**
 * Runs a command, and throws an error that holds its output when it fails.
 * @param {string[]} command
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<string>} Its stdout.
 */
export async function runOrThrow(command, options) {
  const { ok, output, stdout } = await run(command, options)
  if (!ok) throw new Error(`${command.join(' ')}\n${output}`)
  return stdout
}
