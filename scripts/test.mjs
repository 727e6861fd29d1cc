// `npm test`: builds, runs the unit tests and those of the page, then the conformance suite in every engine, and sums up
// in the last line.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from '../e2e/lib/install-chromium.mjs'
import { root } from './aliases.mjs'
import { run } from './run.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Summary */

const env = (/** @type {string} */ name) => !['', '0', 'false'].includes(process.env[name] ?? '')
// As in e2e/run.mjs.
const missingFails = env('CI') && !env('RATATOSKR_ALLOW_MISSING_ENGINES')

const work = mkdtempSync(join(tmpdir(), 'ratatoskr-test-'))
const total = { passed: 0, failed: 0, skipped: 0 }
/** Said again before the last line, so that nobody overlooks it. @type {string[]} */
const remarks = []
try {
  const build = await run([process.execPath, 'scripts/build.mjs'], { live: true })
  if (build.ok) {
    const isPageReady = await preparePage()
    add('unit tests', await unitTests(isPageReady ? [] : ['--project=!page']))
    if (existsSync(join(root, 'e2e/run.mjs'))) add('engines', await engines())
  } else {
    add('build', { passed: 0, failed: 1, skipped: 0 })
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
for (const text of remarks) console.log(`!! ${text}`)
const suffix = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${suffix}`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

/**
 * The tests of the page need it built, and Chromium.
 * @returns {Promise<boolean>} whether they can run; if not, they are summed up already
 */
async function preparePage() {
  const page = await run(['vite', 'build', '--logLevel=warn'], { live: true })
  if (!page.ok) {
    remark('The playground does not build: the tests of the page did not run.')
    add('page', { passed: 0, failed: 1, skipped: 0 })
    return false
  }
  const chromium = await ensureChromium()
  if (!('missing' in chromium)) return true
  remark(`The tests of the page did not run: ${chromium.missing}.`)
  const count = await countPageTests()
  add('page', {
    passed: 0,
    failed: missingFails ? count : 0,
    skipped: missingFails ? 0 : count,
  })
  return false
}

/** How many tests the page has; at least one, as none is not known to be none. */
async function countPageTests() {
  const file = join(work, 'page.json')
  await run(['vitest', 'list', '--project=page', `--json=${file}`])
  /** @type {unknown[] | undefined} */
  const tests = readJson(file)
  return Math.max(tests?.length ?? 0, 1)
}

/** @param {string} text */
function remark(text) {
  remarks.push(text)
  console.log(`!! ${text}`)
}

/**
 * @param {string[]} projects
 * @returns {Promise<Summary>}
 */
async function unitTests(projects) {
  const file = join(work, 'unit.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { ok } = await run(['vitest', 'run', ...projects, ...reporters], { live: true })
  /**
   * @type {{
   *   numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
   *   testResults: { status: string, assertionResults: { status: string }[] }[]
   * } | undefined}
   */
  const report = readJson(file)
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  // A file that fails to load has no failed tests of its own.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  )
  const failures = report.numFailedTests + broken.length
  return {
    passed: report.numPassedTests,
    // Nor has an unhandled rejection.
    failed: ok ? failures : Math.max(failures, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** @returns {Promise<Summary>} */
async function engines() {
  const file = join(work, 'engines.json')
  const { ok } = await run([process.execPath, 'e2e/run.mjs', '--summary', file], { live: true })
  /** @type {Summary | undefined} */
  const summary = readJson(file)
  if (summary === undefined) return { passed: 0, failed: 1, skipped: 0 }
  return { ...summary, failed: ok ? summary.failed : Math.max(summary.failed, 1) }
}

/**
 * @param {string} name
 * @param {Summary} summary
 */
function add(name, { passed, failed, skipped }) {
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

/** @param {string} file */
function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
