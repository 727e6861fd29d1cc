// An example of examples/ as a Worker in workerd, out of the packed packages.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { installExample } from './install-example.ts'

const require = createRequire(import.meta.url)

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
    return isMissing('workerd', cause)
  }
}

/** Says that something is missing, so that its tests are skipped; throws where that is a failure. */
export function isMissing(name: string, cause: unknown): true {
  if (isSet('CI') && !isSet('RATATOSKR_ALLOW_MISSING_ENGINES')) {
    throw new Error(`${name} does not run`, { cause })
  }
  console.log(`The examples for ${name} are skipped, since it does not run: ${String(cause)}`)
  return true
}

function isSet(name: string): boolean {
  return !['', '0', 'false'].includes(process.env[name] ?? '')
}

/** Starts the Worker of a folder in `examples/`, as its `wrangler.json` says, or another `main` of it. */
export async function runWorker(
  name: string,
  bindings: { readonly [name: string]: string },
  main?: string,
): Promise<RunningWorker> {
  const example = await installExample(name)
  const { folder } = example
  const config = JSON.parse(await readFile(join(folder, 'wrangler.json'), 'utf8')) as {
    main: string
    compatibility_date: string
    compatibility_flags: string[]
    durable_objects?: { bindings: { name: string; class_name: string }[] }
  }
  const objects = (config.durable_objects?.bindings ?? []).map(
    ({ name: binding, class_name: className }) =>
      [binding, { className, useSQLite: true }] as const,
  )
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [join(folder, main ?? config.main)],
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
    durableObjects: Object.fromEntries(objects),
    cf: false,
    host: '127.0.0.1',
  })
  const url = (await miniflare.ready).href.replace(/\/$/, '')
  return {
    url,
    async stop() {
      await miniflare.dispose()
      await example.remove()
    },
  }
}
