// `npm run bench:faults`: runs the faults through everybody, and writes FAULTS.md. See README.md.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../scripts/run.mjs'
import { cases } from './faults/cases.mjs'
import { caseOf } from './faults/case-of.mjs'
import { contestants, entryOf } from './faults/contestants.mjs'
import { observe } from './faults/observe.mjs'
import { failuresOf } from './faults/expectations.mjs'
import { cellText, report } from './faults/report.mjs'
import { nodeVersion } from './lib/machine.mjs'
import { parseOptions } from './lib/options.mjs'
import { chooseNode, prepare } from './lib/prepare.mjs'

/** @typedef {import('./faults/report.mjs').Cell} Cell */

/** At once: each is a process with a server here. */
const lanes = 2

const options = readOptions()
await prepare()
const node = await chooseNode(options.node)

const jobs = cases.flatMap((fault) =>
  contestants
    .filter(({ framesOnly }) => !framesOnly || fault.frames)
    .flatMap(({ name, wires }) => wires.map((wire) => ({ fault, name, wire })))
    .filter(({ name, wire }) => fault.wires[wire] && (options.peers?.includes(name) ?? true))
    .filter(() => options.only?.includes(fault.name) ?? true),
)
/** @type {Cell[]} */
const cells = []
const waiting = [...jobs]
await Promise.all(Array.from({ length: lanes }, work))

const failures = failuresOf(cells)
if (options.whole) {
  const file = fileURLToPath(new URL('FAULTS.md', import.meta.url))
  writeFileSync(file, report(cells, (await nodeVersion(node)) ?? 'unknown'))
  await runOrThrow(['oxfmt', file])
  console.log('Written to bench/FAULTS.md')
} else {
  console.log('A part only: bench/FAULTS.md stays as it is.')
}
for (const failure of failures) console.error(failure)
process.exit(failures.length === 0 ? 0 : 1)

async function work() {
  for (let job = waiting.shift(); job; job = waiting.shift()) {
    const { name, wire, fault } = job
    const cell = { ...job, seen: await observe(node, name, wire, fault) }
    cells.push(cell)
    console.log(`${fault.name}, ${name}, ${wire}: ${cellText(cell)}`)
  }
}

function readOptions() {
  try {
    const parsed = parseOptions(process.argv.slice(2))
    for (const name of parsed.peers ?? []) entryOf(name)
    for (const name of parsed.only ?? []) caseOf(name)
    if (parsed.rounds !== undefined) throw new Error('Faults have no rounds: leave --rounds out.')
    return parsed
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return process.exit(1)
  }
}
