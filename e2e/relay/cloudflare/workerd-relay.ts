import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Miniflare } from 'miniflare'
import type { LogEntry, RelayOptions } from '@ratatoskr/relay'
import { bundle } from '../bundle.ts'
import { startUpstream, type Upstream } from '../upstream.ts'

/** A relay in workerd, in front of a provider that runs elsewhere. */
export interface WorkerdRelay {
  /** Without a slash at the end. */
  readonly url: string
  /** What the Worker has logged and counted since it was started. */
  seen(): Promise<Seen>
  /** What an object has stored, by its name. */
  storage(name: string): Promise<Storage>
  /** Throws an object out of memory: its storage is all that it keeps. */
  evict(name: string): Promise<void>
  /** Ends workerd, and starts it again with the same storage. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface Seen {
  entries: LogEntry[]
  usages: [caller: string, completionTokens: number][]
  billed: { requests: number; alarms: number; rowsWritten: number }
}

export interface Storage {
  alarm: number | null
  tables: { [name: string]: { [column: string]: unknown }[] }
}

/** What workerd says of connections that break, and of objects that are evicted. */
const expected = /disconnected: |evicted by a test|^stack: |alarm handler canceled|^\s*$/

/** The name of a reply's object. */
export const streamObject = (caller: string, id: string): string =>
  `stream ${JSON.stringify([caller, id])}`

/** Starts one, out of the sources. */
export async function startWorkerdRelay(
  upstream: string,
  options: Partial<RelayOptions>,
  persist: string,
): Promise<WorkerdRelay> {
  const script = await bundle(fileURLToPath(new URL('worker.ts', import.meta.url)))
  const begin = (): Miniflare =>
    new Miniflare({
      modules: true,
      script,
      compatibilityDate: '2026-07-01',
      compatibilityFlags: ['enable_request_signal'],
      durableObjects: { RELAY: { className: 'Relay', useSQLite: true } },
      durableObjectsPersist: persist,
      bindings: { UPSTREAM: upstream, OPTIONS: JSON.parse(JSON.stringify(options)) as object },
      handleRuntimeStdio(stdout: Readable, stderr: Readable) {
        stdout.pipe(process.stdout)
        createInterface(stderr).on('line', (line) => {
          if (!expected.test(line)) console.error(line)
        })
      },
      cf: false,
      host: '127.0.0.1',
    })
  let miniflare = begin()
  let url = ''
  const ready = async (): Promise<void> => {
    url = (await miniflare.ready).href.replace(/\/$/, '')
  }
  await ready()
  const ask = async (verb: string, name = ''): Promise<Response> =>
    fetch(`${url}/test/${verb}?name=${encodeURIComponent(name)}`)
  return {
    get url() {
      return url
    },
    seen: async () => (await (await ask('seen')).json()) as Seen,
    storage: async (name) => (await (await ask('storage', name)).json()) as Storage,
    async evict(name) {
      await (await ask('evict', name)).text()
    },
    async restart() {
      await miniflare.dispose()
      miniflare = begin()
      await ready()
    },
    stop: () => miniflare.dispose(),
  }
}

/** A relay in workerd, and the provider behind it. */
export interface WorkerdKit {
  relay: WorkerdRelay
  upstream: Upstream
  /** Ends both, and leaves no file. */
  close(): Promise<void>
}

/** Starts both. */
export async function startWorkerdKit(options: Partial<RelayOptions>): Promise<WorkerdKit> {
  const folder = await mkdtemp(join(tmpdir(), 'ratatoskr-objects-'))
  const upstream = await startUpstream()
  const relay = await startWorkerdRelay(upstream.url, options, folder)
  return {
    relay,
    upstream,
    async close() {
      await relay.stop()
      await upstream.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
