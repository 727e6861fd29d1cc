// What a user gets: packs every public package, installs the tarball into an empty project, without a network,
// imports each of its entries, type-checks a consumer under both module resolutions, and asks publint and attw.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPacked, packPackages } from './packed.mjs'
import { runOrThrow } from './run.mjs'

/** What a user writes, by package: it must type-check, without skipLibCheck. */
/** @type {Record<string, string>} */
const usage = {
  ratatoskr: `
import { createGateway, isRatatoskrError, user, type ChatEvent, type ChatResponse } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { SseDecoderStream } from 'ratatoskr/streams'

const gateway = createGateway({ providers: [openrouter({ apiKey: 'key' })] })

export async function ask(question: string, body: ReadableStream<Uint8Array>): Promise<ChatResponse | string> {
  try {
    const stream = await gateway.chatStream([user(question)], { model: 'vendor/model' })
    for await (const event of stream) write(event)
    body.pipeThrough(new SseDecoderStream())
    return await stream.response()
  } catch (error) {
    if (isRatatoskrError(error)) return error.code
    throw error
  }
}

function write(event: ChatEvent): string {
  return event.type === 'content' ? event.text : ''
}
`,
  '@ratatoskr/relay': `
import { createGateway } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { createRelay, memoryHost, memoryLimiter, type Caller, type LogEntry } from '@ratatoskr/relay'
import { relay as relayClient, type RelayProvider } from '@ratatoskr/relay/client'

const entries: LogEntry[] = []
export const provider: RelayProvider = relayClient({ url: 'https://relay.example.com', onId: (id) => id })
const relay = createRelay({
  gateway: createGateway({ providers: [openrouter({ apiKey: 'key' })] }),
  authorize: (request): Caller | undefined =>
    request.headers.get('authorization') === 'Bearer secret' ? { id: 'me', models: ['vendor/*'] } : undefined,
  host: memoryHost(),
  limiter: memoryLimiter(),
  log: (entry) => entries.push(entry),
})

export const answer: Promise<Response> = relay(new Request('https://example.com/v1/models'))
`,
  '@ratatoskr/testkit': `
import { createGateway, user, type ChatResponse } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { record, replay, simulatorFetch, type Fault, type Script, type Tape } from '@ratatoskr/testkit'
import { readTape, serve } from '@ratatoskr/testkit/node'

const script: Script = [{ reasoning: 'Hm.' }, { text: 'Hello!' }, { finish: 'stop' }]
const faults: Fault[] = [{ kind: 'status', status: 429, retryAfter: 1, on: 1 }]

export async function tryOut(): Promise<ChatResponse> {
  const { fetch, tapes } = record({ fetch: simulatorFetch({ script, faults }) })
  const gateway = createGateway({ providers: [openrouter({ apiKey: 'key', fetch })] })
  await gateway.chat([user('Hi')], { model: 'vendor/model' })
  const tape: Tape = tapes[0] ?? (await readTape('saved.tape.json'))
  const { close } = await serve(() => replay(tape)('https://example.com'))
  await close()
  return gateway.chat([user('Hi')], { model: 'vendor/model' })
}
`,
}

const work = mkdtempSync(join(tmpdir(), 'ratatoskr-pack-'))
try {
  const packages = await packPackages(work)
  for (const { name, size, files } of packages) {
    console.log(`${name}: ${files.length} files, ${(size / 1024).toFixed(1)} K packed`)
    for (const needed of ['LICENSE', 'README.md']) {
      if (!files.some(({ path }) => path === needed))
        throw new Error(`${name} is packed without ${needed}`)
    }
  }

  for (const { name, entries, tarball } of packages) {
    const consumer = join(work, 'consumer', name)
    await installPacked(consumer, [name], packages)
    const write = (/** @type {string} */ file, /** @type {unknown} */ content) =>
      writeFileSync(
        join(consumer, file),
        typeof content === 'string' ? content : JSON.stringify(content),
      )

    const names = Object.keys(entries)
    write(
      'imports.mjs',
      `for (const name of ${JSON.stringify(names)}) {
        if (Object.keys(await import(name)).length === 0) throw new Error(name + ' exports nothing')
      }`,
    )
    await runOrThrow([process.execPath, 'imports.mjs'], { cwd: consumer })

    write('usage.ts', usage[name] ?? 'export {}')
    write('entries.ts', names.map((entry, i) => `export * as entry${i} from '${entry}'`).join('\n'))
    for (const [module, moduleResolution] of [
      ['esnext', 'bundler'],
      ['nodenext', 'nodenext'],
    ]) {
      write('tsconfig.json', {
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          module,
          moduleResolution,
          target: 'es2022',
          lib: ['es2022', 'dom', 'dom.iterable'],
          types: [],
          skipLibCheck: false,
        },
        files: ['usage.ts', 'entries.ts'],
      })
      await runOrThrow(['tsc', '-p', 'tsconfig.json'], { cwd: consumer })
    }
    await runOrThrow(['publint', 'run', '--strict', tarball])
    await runOrThrow(['attw', '--profile', 'esm-only', tarball])
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
