import { join } from 'node:path'
import { start, stop, temporaryFolder } from './processes.mjs'

/**
 * Runs the suite in a process of the engine.
 * @param {string} command
 * @param {readonly string[]} args before the script
 * @param {import('./engine.mjs').Job} job
 * @param {Record<string, string>} [env]
 */
export async function runProcess(command, args, job, env = {}) {
  const home = temporaryFolder()
  const script = join(job.suite.folder, 'process.mjs')
  const child = start(command, [...args, script, JSON.stringify(job.context)], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1', ...env },
  })
  try {
    await Promise.race([
      job.ended,
      child.exited.then((code) => {
        throw new Error(`it exited with code ${code} before the end\n${child.output()}`)
      }),
    ])
    // Sockets that the library leaves open keep the process alive.
    const code = await Promise.race([
      child.exited,
      new Promise((resolve) => {
        setTimeout(resolve, 5000, 'nothing').unref()
      }),
    ])
    if (code !== 0) throw new Error(`it gave ${code} after the end\n${child.output()}`)
  } finally {
    await stop(child)
  }
}
