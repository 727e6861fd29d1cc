// The whole gate: `npm run check`. Names of steps as arguments run only those; `--skip name,name` leaves some out.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './aliases.mjs'
import { run } from './run.mjs'

const node = process.execPath
const script = (/** @type {string} */ name) => [node, join('scripts', `${name}.mjs`)]

/**
 * `built` steps wait for the build; the others do not. `show` prints the output of a step that passed too.
 * @typedef {{ name: string, command: string[], built?: boolean, show?: boolean }} Step
 * @type {Step[]}
 */
const allSteps = [
  { name: 'build', command: script('build') },
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'layers', command: script('layers'), show: true },
  // Which projects these are stands in package.json, by name: vitest 4 takes the union of several `--project=!x`,
  // which leaves nothing out. Those of the page, the examples and the relay's client need browsers and what was
  // built: they run in `npm test`.
  { name: 'unit', command: ['npm', 'run', '--silent', 'test:unit', '--', '--reporter=dot'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'playground', command: ['vite', 'build', '--logLevel=warn'] },
  { name: 'changesets', command: script('changesets'), show: true },
  { name: 'jsr', command: script('jsr'), show: true },
  { name: 'size', command: script('size'), built: true, show: true },
  { name: 'api', command: script('api'), built: true, show: true },
  { name: 'tree-shaking', command: script('tree-shaking'), built: true, show: true },
  { name: 'pack', command: script('pack'), built: true, show: true },
]

const steps = chosen(process.argv.slice(2))
/** @type {string[]} */
const failed = []
const begin = performance.now()
const build = steps.find(({ name }) => name === 'build')
const buildDone = build === undefined ? Promise.resolve(true) : perform(build)
const waiting = steps.filter((step) => step !== build)

// The build and one other step, then two steps at a time.
await Promise.all([buildDone.then(worker), worker()])

console.log(
  failed.length === 0
    ? `check: all ${steps.length} steps passed in ${seconds(begin)}`
    : `check: ${failed.join(', ')} failed, of ${steps.length} steps, in ${seconds(begin)}`,
)
process.exitCode = failed.length === 0 ? 0 : 1

/** Performs one step after the other until none is left. */
async function worker() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    if (step.built === true && !(await buildDone)) {
      failed.push(step.name)
      console.log(`- ${step.name.padEnd(12)} not run: the build failed`)
      continue
    }
    await perform(step)
  }
}

/** @param {Step} step */
async function perform({ name, command, show = false }) {
  const start = performance.now()
  const { ok, output } = await run(command)
  console.log(`${ok ? '✓' : '✗'} ${name.padEnd(12)} ${seconds(start).padStart(7)}`)
  if (!ok) failed.push(name)
  if (!ok || show) console.log(output.trimEnd().replaceAll(/^/gm, '    '))
  return ok
}

/** @param {string[]} args */
function chosen(args) {
  const skipAt = args.indexOf('--skip')
  const skipped = skipAt === -1 ? [] : (args[skipAt + 1] ?? '').split(',')
  const wanted = skipAt === -1 ? args : args.slice(0, skipAt)
  const unknown = [...wanted, ...skipped].filter(
    (name) => !allSteps.some((step) => step.name === name),
  )
  if (unknown.length > 0) {
    console.error(
      `no such step: ${unknown.join(', ')}; there are ${allSteps.map(({ name }) => name).join(', ')}`,
    )
    process.exit(2)
  }
  return allSteps
    .filter(({ name }) => !skipped.includes(name) && (wanted.length === 0 || wanted.includes(name)))
    .filter(({ name }) => name !== 'playground' || existsSync(join(root, 'playground/index.html')))
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
