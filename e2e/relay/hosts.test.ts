import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { createRelay, memoryHost, type LogEntry } from '@ratatoskr/relay'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { lacksWorkerd } from '../examples/run-worker.ts'
import { briefLimits, hostCases, limits, type HostKit } from './host-cases.ts'
import { lacksRuntime, startRuntimeRelay, type RuntimeRelay } from './runtime-relay.ts'
import { startUpstream, type Upstream } from './upstream.ts'
import { startWorkerdRelay, type WorkerdRelay } from './cloudflare/workerd-relay.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream?.close())

type Given = typeof limits

const run = (kitOf: (own: Given) => HostKit): void => {
  test.each(hostCases.map((one, number) => ({ ...one, number })))('$name', async (one) => {
    const kit = kitOf(one.isBrief ? briefLimits : limits)
    await one.run({ ...kit, caller: `caller${one.number}`, model: `model-${one.number}` })
  })
}

/** Of relays in processes of their own, one for each of the limits. */
const kitFrom =
  (relays: ReadonlyMap<Given, Pick<RuntimeRelay, 'url' | 'seen'>>) =>
  (own: Given): HostKit => {
    const relay = relays.get(own)
    if (!relay) throw new Error('There is no relay with these limits')
    return {
      fetch: (path, init) => fetch(`${relay.url}${path}`, init),
      upstream,
      seen: () => relay.seen(),
    }
  }

describe('memoryHost', () => {
  const hosts: ReturnType<typeof memoryHost>[] = []
  afterAll(() => {
    for (const host of hosts) host.close()
  })
  run((own) => {
    const entries: LogEntry[] = []
    const usages: [string, number][] = []
    const host = memoryHost()
    hosts.push(host)
    const provider = openaiCompatible({
      name: 'upstream',
      baseURL: `${upstream.url}/v1`,
      apiKey: 'sk-upstream-0123456789',
    })
    const relay = createRelay({
      gateway: createGateway({ retry: false, providers: [provider] }),
      host,
      authorize: ({ headers }) => ({ id: headers.get('authorization')?.slice(7) ?? '' }),
      log: (entry) => entries.push(entry),
      onUsage: (caller, report) => usages.push([caller.id, report.usage.completionTokens]),
      ...own,
    })
    return {
      fetch: (path, init) => relay(new Request(`http://relay.test${path}`, init)),
      upstream,
      seen: async () => ({ entries, usages }),
    }
  })
})

describe.skipIf(await lacksWorkerd())('durableObjectHost in workerd', () => {
  let folder: string
  const relays = new Map<Given, WorkerdRelay>()
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ratatoskr-objects-'))
    for (const own of [limits, briefLimits]) {
      const persist = join(folder, String(relays.size))
      relays.set(own, await startWorkerdRelay(upstream.url, own, persist))
    }
  })
  afterAll(async () => {
    for (const relay of relays.values()) await relay.stop()
    await rm(folder, { recursive: true, force: true })
  })
  run(kitFrom(relays))
})

for (const name of ['deno', 'bun'] as const) {
  describe.skipIf(lacksRuntime(name))(`memoryHost in ${name}`, () => {
    const relays = new Map<Given, RuntimeRelay>()
    beforeAll(async () => {
      for (const own of [limits, briefLimits]) {
        relays.set(own, await startRuntimeRelay(name, upstream.url, own))
      }
    })
    afterAll(async () => {
      for (const relay of relays.values()) await relay.stop()
    })
    run(kitFrom(relays))
  })
}
