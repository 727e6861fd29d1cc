import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LogEntry, RelayOptions } from '@ratatoskr/relay'
import { packagedBinary } from '../lib/packaged-binary.mjs'
import { start, stop, which } from '../lib/processes.mjs'
import { bundle } from './bundle.ts'

/** A relay in a process of another runtime. */
export interface RuntimeRelay {
  /** Without a slash at the end. */
  readonly url: string
  seen(): Promise<{ entries: LogEntry[]; usages: [caller: string, completionTokens: number][] }>
  stop(): Promise<void>
}

/** How each runtime is called: with the network of this machine, and nothing else. */
export const runtimes = {
  deno: {
    binary: packagedBinary('deno', 'deno') ?? which('deno'),
    args: ['run', '--no-prompt', '--no-remote', '--no-config', '--allow-net=127.0.0.1'],
  },
  bun: { binary: packagedBinary('bun', 'bin/bun.exe') ?? which('bun'), args: ['--no-install'] },
}

/** Whether a runtime is not here, which is then told; with CI=true that is an error, as in `e2e/run.mjs`. */
export function lacksRuntime(name: keyof typeof runtimes): boolean {
  if (runtimes[name].binary !== undefined) return false
  const { CI, RATATOSKR_ALLOW_MISSING_ENGINES: allowed } = process.env
  if (CI && !allowed) throw new Error(`${name} was not found; npm install brings it.`)
  console.log(`The relay in ${name}: skipped, ${name} was not found.`)
  return true
}

/** Starts one, out of the sources. */
export async function startRuntimeRelay(
  name: keyof typeof runtimes,
  upstream: string,
  options: Partial<RelayOptions>,
): Promise<RuntimeRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'ratatoskr-runtime-'))
  const entry = fileURLToPath(new URL('runtime-server.ts', import.meta.url))
  const file = join(folder, 'server.mjs')
  await writeFile(file, await bundle(entry, { given: JSON.stringify({ upstream, options }) }))
  const { binary = '', args } = runtimes[name]
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
  const child = start(binary, [...args, file], { cwd: folder, env })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const [, port] = /listening at (\d+)\./.exec(child.output()) ?? []
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
    void child.exited.then(() => reject(new Error(`${name} has ended: ${child.output()}`)))
  })
  return {
    url,
    seen: async () => (await (await fetch(`${url}/test/seen`)).json()) as never,
    async stop() {
      await stop(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
