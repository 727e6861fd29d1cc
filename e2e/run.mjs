// Runs the conformance suite on the packed packages in every engine that is there.
//
//   node e2e/run.mjs [--only node,deno] [--summary FILE]
//
// A missing engine is reported by name and counts as skipped; with CI=true it is a failure, unless
// RATATOSKR_ALLOW_MISSING_ENGINES is set.

import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSuite } from './build.mjs'
import { startFixtureServer } from './server/fixture-server.mjs'
import { bun } from './bun/harness.mjs'
import { chromium } from './chromium/harness.mjs'
import { deno } from './deno/harness.mjs'
import { withWorkers } from './lib/engine.mjs'
import { firefox } from './firefox/harness.mjs'
import { node } from './node/harness.mjs'
import { nodeLatest } from './node-latest/harness.mjs'
import { webkit } from './webkit/harness.mjs'
import { workerd } from './workerd/harness.mjs'

/** @typedef {import('./lib/engine.mjs').Engine} Engine */

// The slow ones first: three run at a time, for much of it is waiting.
const engines = [
  ...withWorkers(webkit, ['worker', 'service-worker']),
  ...withWorkers(firefox, ['worker', 'service-worker']),
  ...withWorkers(chromium, ['worker', 'service-worker']),
  workerd,
  deno,
  bun,
  node,
  nodeLatest,
]
const atATime = 3
/** The formats whose recordings are played: folders of them. */
const wires = new Set([
  'anthropic',
  'bedrock',
  'cohere',
  'gemini',
  'ollama',
  'openai-chat',
  'openai-responses',
])
const engineTimeout = 200_000
/** Longer recordings tell nothing that the others do not. */
const longestRecording = 1024 * 1024

const { values } = parseArgs({
  options: { only: { type: 'string' }, summary: { type: 'string' } },
})
const env = (/** @type {string} */ name) => !['', '0', 'false'].includes(process.env[name] ?? '')
const missingFails = env('CI') && !env('RATATOSKR_ALLOW_MISSING_ENGINES')
const chosen = choose(values.only)

const started = performance.now()
const suite = await buildSuite()
const script = async (/** @type {string} */ name) => ({
  type: 'text/javascript',
  body: await readFile(join(suite.folder, name)),
})
const files = {
  '/': {
    type: 'text/html; charset=utf-8',
    body: '<!doctype html><meta charset="utf-8"><title>e2e</title><script type="module" src="/page.mjs"></script>',
  },
  '/page.mjs': await script('page.mjs'),
  '/worker.js': await script('worker.js'),
}

const recordings = await readRecordings()
const total = { passed: 0, failed: 0, skipped: 0 }
/** @type {Map<Engine, string>} */
const lines = new Map()
/** Told again at the end: the lines of eight engines are long. @type {string[]} */
const failures = []
const queue = [...chosen]
await Promise.all(
  Array.from({ length: atATime }, async () => {
    for (let engine = queue.shift(); engine; engine = queue.shift()) await runEngine(engine)
  }),
)

console.log()
for (const failure of failures) console.log(failure)
for (const engine of chosen) console.log(lines.get(engine))
const seconds = Math.round((performance.now() - started) / 1000)
console.log(
  `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped in ${seconds} s`,
)
if (values.summary) await writeFile(values.summary, `${JSON.stringify(total)}\n`)
// Not left to an empty event loop: a handle that someone forgot must not keep this running.
process.exit(total.failed > 0 ? 1 : 0)

/**
 * @param {string | undefined} only
 * @returns {readonly Engine[]}
 */
function choose(only) {
  if (only === undefined) return engines
  return only.split(',').map((name) => {
    const engine = engines.find((candidate) => candidate.name === name.trim())
    if (engine) return engine
    console.error(`No engine "${name}". There are: ${engines.map(({ name: n }) => n).join(', ')}.`)
    process.exit(2)
  })
}

/** @param {Engine} engine */
async function runEngine(engine) {
  const found = await engine.find()
  if ('missing' in found) {
    total[missingFails ? 'failed' : 'skipped'] += 1
    const line = `${engine.name}: ${missingFails ? 'failed' : 'skipped'} (${found.missing})`
    lines.set(engine, line)
    console.log(line)
    return
  }

  const name = `${engine.name} ${found.version}`
  const counts = { passed: 0, failed: 0 }
  /** @param {Omit<import('./conformance/types.ts').CaseResult, 'ms'> & { ms?: number }} result */
  const count = (result) => {
    counts[result.passed ? 'passed' : 'failed'] += 1
    const time = result.ms === undefined ? '' : ` (${result.ms} ms)`
    const line = `${name}  ${result.passed ? '✓' : '✗'} ${result.name}${time}`
    console.log(line)
    const error = result.error?.replaceAll(/^/gm, '    ')
    if (error) console.log(error)
    if (!result.passed) failures.push(error ? `${line}\n${error}` : line)
  }

  const ended = deferred()
  ended.promise.catch(() => undefined)
  const server = await startFixtureServer({
    files,
    recordings,
    suite,
    onReport: (report) => {
      if (report.type === 'result') count(report)
      else if (report.type === 'end') ended.resolve()
      else ended.reject(new Error(report.error))
    },
  })
  const timer = setTimeout(() => {
    ended.reject(new Error(`it did not end within ${engineTimeout / 1000} s`))
  }, engineTimeout)
  const engineStarted = performance.now()
  try {
    await Promise.race([
      found.run({
        context: {
          baseURL: server.baseURL,
          controlURL: server.controlURL,
          engine: engine.name,
          ...(engine.place && { place: engine.place }),
          capabilities: {
            ...engine.capabilities,
            recordings: engine.capabilities.recordings && recordings.size > 0,
          },
          recordings: [...recordings.keys()],
        },
        suite,
        ended: ended.promise,
      }),
      // An engine that hangs while it starts or stops does not hold up the others.
      ended.promise.then(
        () =>
          new Promise((_resolve, reject) => {
            setTimeout(reject, 20_000, new Error('it did not stop within 20 s')).unref()
          }),
      ),
    ])
  } catch (error) {
    count({ name: 'the engine runs to the end', passed: false, error: String(error) })
  } finally {
    clearTimeout(timer)
    await server.close()
  }
  total.passed += counts.passed
  total.failed += counts.failed
  const time = Math.round((performance.now() - engineStarted) / 1000)
  lines.set(engine, `${name}: ${counts.passed} passed, ${counts.failed} failed in ${time} s`)
}

/**
 * Recorded replies of real providers, which are no part of this repository.
 * @returns {Promise<ReadonlyMap<string, Uint8Array>>}
 */
async function readRecordings() {
  const folder = new URL('../../shared/recordings/', import.meta.url)
  if (!existsSync(folder)) return new Map()
  /** @type {[string, Uint8Array][]} */
  const found = []
  for (const wire of await readdir(folder)) {
    if (!wires.has(wire)) continue
    for (const file of await readdir(new URL(`${wire}/`, folder))) {
      if (!/\.(sse|ndjson|jsonarray|eventstream)$/.test(file)) continue
      const bytes = await readFile(new URL(`${wire}/${file}`, folder))
      if (bytes.length <= longestRecording) found.push([`${wire}/${file}`, bytes])
    }
  }
  return new Map(found)
}

/** What Node 20 lacks as `Promise.withResolvers`. */
function deferred() {
  /** @type {() => void} */
  let resolve = () => {}
  /** @type {(reason: Error) => void} */
  let reject = () => {}
  /** @type {Promise<void>} */
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
