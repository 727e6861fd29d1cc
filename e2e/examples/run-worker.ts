// An example of examples/ as a Worker in workerd, bundled over the sources: these tests run beside the build.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

const require = createRequire(import.meta.url)
const root = join(import.meta.dirname, '../..')

/** A Worker that listens. */
export interface RunningWorker {
  /** Its address, without a slash at the end. */
  readonly url: string
  stop(): Promise<void>
}

/**
 * Whether workerd does not run here, which is then told. With CI=true it is an error, as a missing
 * engine is in `e2e/run.mjs`, unless RATATOSKR_ALLOW_MISSING_ENGINES is set.
 */
export async function lacksWorkerd(): Promise<boolean> {
  try {
    // Miniflare ends the process where it cannot start workerd, so workerd itself is asked.
    const { MINIFLARE_WORKERD_PATH: chosen } = process.env
    const { default: packaged } = require('workerd') as { default: string }
    await promisify(execFile)(chosen ?? packaged, ['--version'])
    return false
  } catch (cause) {
    if (isSet('CI') && !isSet('RATATOSKR_ALLOW_MISSING_ENGINES')) {
      throw new Error('workerd does not run', { cause })
    }
    console.log(`The examples for workerd are skipped, since it does not run: ${String(cause)}`)
    return true
  }
}

function isSet(name: string): boolean {
  return !['', '0', 'false'].includes(process.env[name] ?? '')
}

/** Starts the Worker of a folder in `examples/`, as its `wrangler.json` says. */
export async function runWorker(
  folder: string,
  bindings: { readonly [name: string]: string },
): Promise<RunningWorker> {
  const path = join(root, 'examples', folder)
  const config = JSON.parse(await readFile(join(path, 'wrangler.json'), 'utf8')) as {
    main: string
    compatibility_date: string
    compatibility_flags: string[]
  }
  // The `paths` of the workspace's tsconfig.json lead the public names to the sources.
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(path, config.main)],
    tsconfig: join(root, 'tsconfig.json'),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  })
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    bindings: { ...bindings },
    cf: false,
    host: '127.0.0.1',
  })
  const url = (await miniflare.ready).href.replace(/\/$/, '')
  return { url, stop: () => miniflare.dispose() }
}
