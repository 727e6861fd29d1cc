// `npm test`: builds, runs the unit tests, then the conformance suite in every engine, and sums up in the last line.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './aliases.mjs'
import { run } from './run.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Summary */

const work = mkdtempSync(join(tmpdir(), 'ratatoskr-test-'))
const total = { passed: 0, failed: 0, skipped: 0 }
try {
  const build = await run([process.execPath, 'scripts/build.mjs'], { live: true })
  if (build.ok) {
    add('unit tests', await unitTests())
    if (existsSync(join(root, 'e2e/run.mjs'))) add('engines', await engines())
  } else {
    add('build', { passed: 0, failed: 1, skipped: 0 })
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
const suffix = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${suffix}`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

/** @returns {Promise<Summary>} */
async function unitTests() {
  const file = join(work, 'unit.json')
  const { ok } = await run(
    ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    { live: true },
  )
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
