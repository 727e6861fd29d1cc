// The process of one contestant with one fault: does it, and tells what came of it, line by line, on its fourth file.

import { writeSync } from 'node:fs'
import { contestantOf } from './contestants.mjs'
import { caseOf } from './case-of.mjs'
import { perform } from './scenarios.mjs'
import { nameOf, unhandled } from './name-of.mjs'

const [, , name = '', wire = '', fault = '', baseURL = ''] = process.argv
const { timeout, scenario } = caseOf(fault)

/** @type {import('./types.ts').Report} */
const report = { text: '', frames: [], calls: [], finish: undefined, end: undefined }
const tell = () => writeSync(3, `${JSON.stringify(report)}\n`)

/** @type {import('./types.ts').Seen} */
const seen = {
  text: (piece) => {
    report.text += piece
  },
  frame(data) {
    // An idle reader's library may read on for ever.
    if (report.frames.length < 100) report.frames.push(data)
  },
  call(call) {
    report.calls.push(call)
    tell()
  },
  finish(reason) {
    report.finish = reason ?? undefined
    tell()
  },
}

// Only looks on: the process dies of it as it would.
process.on('uncaughtExceptionMonitor', (error, origin) => {
  const what = origin === 'unhandledRejection' ? unhandled : 'uncaught exception'
  report.crash = `${what}: ${nameOf(error)}`
  tell()
})
// What a process that hangs has come to, too.
setInterval(tell, 50)

const open = await contestantOf(name, wire)
const host = { baseURL, fetch: globalThis.fetch }
tell()
await perform(scenario, open, { host, seen, ...(timeout && { timeout }) }, report)
tell()
