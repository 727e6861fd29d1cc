// `npm run bench`: measures, prints, and writes RESULTS.md where nothing was left out. See README.md.

import { writeFileSync } from 'node:fs'
import { contestants, entryOf, floor } from './contestants/index.mjs'
import { machine, nodeVersion, versions } from './lib/machine.mjs'
import { parseOptions } from './lib/options.mjs'
import { chooseNode, prepare } from './lib/prepare.mjs'
import { workloads } from './lib/replies.mjs'
import * as report from './lib/report.mjs'
import { concurrent } from './suites/concurrent.mjs'
import { firstEvent } from './suites/first-event.mjs'
import { memory, memoryWorkloads } from './suites/memory.mjs'
import { nodeLanes } from './suites/node.mjs'
import { relayed } from './suites/relay.mjs'
import { openChromium, openWorkerd, stages } from './suites/outside-node.mjs'
import { entrySizes, jobSizes } from './suites/sizes.mjs'
import { namesFor, throughput } from './suites/throughput.mjs'

const streams = 1000
const engines = { chromium: openChromium, workerd: openWorkerd }
const known = [
  ...workloads.map(({ name }) => name),
  'first-event',
  ...memoryWorkloads.map(({ name }) => name),
  'concurrent',
  'relay',
  ...Object.keys(engines),
  'sizes',
]

const options = readOptions()
const isWorkload = (/** @type {string} */ name) => options.only?.includes(name) ?? true
const isContestant = (/** @type {string} */ name) => options.peers?.includes(name) ?? true
const everybody = () => [floor, ...namesFor('openai-chat', isContestant)]
/** Fewer where fewer are wanted; more are not for what takes minutes. @param {number} usual */
const rounds = (usual) => Math.min(usual, options.rounds ?? usual)
const replyRounds = options.rounds ?? 15

/** The sections, in the order of the report. @type {string[]} */
const sections = []
/** What went on is nothing to keep. */
const progress = (/** @type {string} */ text) => process.stderr.write(`  ${text}\n`)
const section = (/** @type {string} */ text) => {
  sections.push(text)
  console.log(`\n${text}`)
}

progress('installing and building')
await prepare()
const node = await chooseNode(options.node)
const head = [
  '# Results',
  'Made by `npm run bench`, never by hand. [How it is measured](README.md).',
  await environment(),
].join('\n\n')
console.log(head)

const chosen = workloads.filter(({ name }) => isWorkload(name))
if (chosen.length > 0) {
  const version = (await nodeVersion(node)) ?? 'unknown'
  /** @type {import('./lib/report.mjs').Run[]} */
  const runs = []
  for (const { name, title, make } of chosen) {
    progress(name)
    const { wire } = make()
    const names = namesFor(wire, isContestant)
    const open = nodeLanes(node, name)
    runs.push({
      name,
      title,
      measured: await throughput({ names, rounds: replyRounds, open, progress }),
    })
  }
  section(
    [
      `## The time of a whole reply, in Node ${version}`,
      'The median of the rounds, divided by the floor of the same round: 1.00 is a bare loop.',
      report.overview(runs),
      report.noiseLine(runs),
    ].join('\n\n'),
  )
  for (const run of runs) section(report.details(run))
}

if (isWorkload('first-event')) {
  progress('first-event')
  const rows = await firstEvent({ node, names: everybody(), rounds: rounds(5), progress })
  section(report.firstEventTable(rows))
}

const long = memoryWorkloads.filter(({ name }) => isWorkload(name))
if (long.length > 0) {
  /** @type {{ title: string, rows: import('./suites/memory.mjs').MemoryRow[] }[]} */
  const runs = []
  for (const { name, title, deltaLength } of long) {
    progress(name)
    const names = everybody()
    runs.push({
      title,
      rows: await memory({ node, names, deltaLength, rounds: rounds(1), progress }),
    })
  }
  section(report.memoryTable(runs))
}

if (isWorkload('concurrent')) {
  progress('concurrent')
  const names = namesFor('openai-chat', isContestant)
  const rows = await concurrent({ node, names, rounds: rounds(3), streams, progress })
  section(report.concurrentTable(streams, rows))
}

if (isWorkload('relay')) {
  progress('relay')
  const rows = await relayed({ node, rounds: rounds(3), streams, progress })
  section(report.relayTable(streams, rows, machine().cores))
}

for (const [name, openEngine] of Object.entries(engines)) {
  if (!isWorkload(name)) continue
  progress(name)
  const engine = await openEngine()
  if ('missing' in engine) {
    section(`## Our stages in ${name}\n\nNot measured: ${engine.missing}`)
    continue
  }
  /** @type {import('./lib/report.mjs').Run[]} */
  const runs = []
  try {
    for (const { name: workload, title } of workloads) {
      // The floor of this one is another, which is compared in Node.
      if (workload === 'drip') continue
      progress(workload)
      const names = stages.filter(isContestant)
      const open = engine.lanes(workload)
      const measured = await throughput({ names, rounds: replyRounds, open, progress })
      runs.push({ name: workload, title, measured })
    }
  } finally {
    await engine.close()
  }
  section(
    [
      `## Our stages in ${name} ${engine.version}`,
      'The median of the rounds, and the spread, p10 … p90.',
      report.overview(runs, { withSpread: true }),
      report.noiseLine(runs),
      ...runs.flatMap(({ measured }) => report.reasons(measured.rows)),
    ].join('\n\n'),
  )
}

if (isWorkload('sizes')) {
  progress('sizes')
  section('## Sizes\n\nBundled and minified by esbuild for the browser, in KiB.')
  section(
    report.sizeTable(
      'Each entry',
      'All that it exports; what a page imports of it is less.',
      await entrySizes(),
    ),
  )
  for (const wire of /** @type {const} */ (['openai-chat', 'anthropic'])) {
    section(
      report.sizeTable(
        `To stream one ${wire} reply`,
        "The contestants' own files.",
        await jobSizes(wire, isContestant),
      ),
    )
  }
}

if (options.whole) {
  writeFileSync(new URL('RESULTS.md', import.meta.url), `${[head, ...sections].join('\n\n')}\n`)
  console.log('\nWritten to bench/RESULTS.md')
} else {
  console.log('\nA part only: bench/RESULTS.md stays as it is.')
}
process.exit()

async function environment() {
  const { cpu, cores, memory: gigabytes, system } = machine()
  const names = contestants
    .map(({ name }) => name)
    .filter((name) => name === floor || isContestant(name))
  return [
    `${cpu}, ${cores} cores, ${gigabytes} GiB; ${system}; Node ${await nodeVersion(node)}; ratatoskr ${versions()['ratatoskr']}.`,
    report.legend(names),
  ].join('\n\n')
}

function readOptions() {
  try {
    const parsed = parseOptions(process.argv.slice(2))
    for (const name of parsed.peers ?? []) entryOf(name)
    const stray = parsed.only?.find((name) => !known.includes(name))
    if (stray !== undefined) {
      throw new Error(`No workload is named ${stray}. There are ${known.join(', ')}.`)
    }
    return parsed
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return process.exit(1)
  }
}
