// What a user gets: packs every public package, installs the tarball into an empty project, without a network,
// imports each of its entries, type-checks a consumer under both module resolutions, and asks publint and attw.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicPackages, root } from './aliases.mjs'
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
}

const work = mkdtempSync(join(tmpdir(), 'ratatoskr-pack-'))
try {
  for (const { name, directory, entries } of publicPackages()) {
    const packed = await runOrThrow(
      ['npm', 'pack', '--json', '--loglevel=error', '--pack-destination', work],
      { cwd: directory },
    )
    const { filename, size, files } = packedFile(packed)
    const tarball = join(work, filename)
    console.log(`${name}: ${files.length} files, ${(size / 1024).toFixed(1)} K packed`)
    for (const needed of ['LICENSE', 'README.md']) {
      if (!files.some(({ path }) => path === needed))
        throw new Error(`${name} is packed without ${needed}`)
    }

    const consumer = join(work, 'consumer', name)
    mkdirSync(consumer, { recursive: true })
    const write = (/** @type {string} */ file, /** @type {unknown} */ content) =>
      writeFileSync(
        join(consumer, file),
        typeof content === 'string' ? content : JSON.stringify(content),
      )

    // The workspace's copies of the dependencies, so that nothing is asked of a registry.
    /** @type {{ dependencies?: Record<string, string> }} */
    const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    const local = Object.keys(dependencies).map((dependency) => [
      dependency,
      `file:${join(root, 'node_modules', dependency)}`,
    ])
    write('package.json', {
      private: true,
      type: 'module',
      dependencies: { ...Object.fromEntries(local), [name]: `file:${tarball}` },
    })
    await runOrThrow(
      ['npm', 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'],
      {
        cwd: consumer,
      },
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

/**
 * @param {string} stdout Of `npm pack --json`, after what a script printed.
 * @returns {{ filename: string, size: number, files: { path: string }[] }}
 */
function packedFile(stdout) {
  const [packed] = JSON.parse(stdout.slice(stdout.search(/^\[$/m)))
  return packed
}
