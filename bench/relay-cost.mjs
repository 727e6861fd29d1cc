// `npm run bench:relay`: what a reply costs in workerd, for docs/scaling.md. See README.md.

import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { prepare } from './lib/prepare.mjs'
import { chatEnd, chatStart, chatText } from './lib/replies.mjs'
import { median } from './lib/statistics.mjs'
import { table } from './lib/table.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    streams: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '60' },
  },
})
const [rounds, streams, seconds] = [values.rounds, values.streams, values.seconds].map(Number)
const perSecond = 50
const ways = ['proxy', 'reader', 'memory', 'objects']

await prepare()
const upstream = await startUpstream()
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('engines/relay-worker.mjs', import.meta.url))],
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2022',
})
const miniflare = new Miniflare({
  modules: true,
  script: outputFiles[0]?.text ?? '',
  compatibilityDate: '2026-07-01',
  compatibilityFlags: ['enable_request_signal'],
  durableObjects: { RELAY: { className: 'Relay', useSQLite: true } },
  bindings: { UPSTREAM: upstream.baseURL },
  cf: false,
  host: '127.0.0.1',
})
const url = (await miniflare.ready).href
const worker = pidOfWorkerd()

/** @type {Map<string, number[]>} */
const fast = new Map(ways.map((way) => [way, []]))
for (let round = -2; round < (rounds ?? 0); round += 1) {
  for (const way of ways) {
    const before = processorTime(worker)
    for (let left = 20; left > 0; left -= 1) await read(way, 'fast')
    // Those before are for warming up.
    if (round >= 0) fast.get(way)?.push((processorTime(worker) - before) / 20)
  }
}

const rows = []
for (const way of ways) {
  const billedBefore = await billed()
  const memoryBefore = residentMemory(worker)
  const cpuBefore = processorTime(worker)
  const reads = Array.from({ length: streams ?? 0 }, () => read(way, 'paced'))
  await new Promise((resolve) => {
    setTimeout(resolve, (seconds ?? 0) * 500)
  })
  const memory = (residentMemory(worker) - memoryBefore) / (streams ?? 1)
  await Promise.all(reads)
  const cpu = (processorTime(worker) - cpuBefore) / (streams ?? 1)
  const after = await billed()
  const perReply = (/** @type {keyof typeof after} */ what) =>
    ((after[what] - billedBefore[what]) / (streams ?? 1)).toFixed(1)
  rows.push([
    way,
    median(fast.get(way) ?? []).toFixed(1),
    ((cpu / (perSecond * (seconds ?? 1))) * 1000).toFixed(1),
    (memory / 1024).toFixed(0),
    perReply('requests'),
    perReply('alarms'),
    perReply('rowsWritten'),
    perReply('rowsRead'),
  ])
}
console.log(
  table(
    [
      '',
      'CPU ms / 1,000 events at once',
      `CPU ms / 1,000 events at ${perSecond} a second`,
      'KiB / stream',
      'object requests',
      'alarms',
      'rows written',
      'rows read',
    ],
    rows,
  ),
)
await miniflare.dispose()
await upstream.close()

/** Reads a reply to its end, and throws where it is not whole. @param {string} way @param {string} model */
async function read(way, model) {
  const messages = [{ role: 'user', content: 'Go on.' }]
  const id = crypto.randomUUID().replaceAll('-', '')
  const isRelay = way === 'memory' || way === 'objects'
  const response = await fetch(url + way + (isRelay ? '/chat' : ''), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      isRelay ? { id, messages, options: { model } } : { model, stream: true, messages },
    ),
  })
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text = text.slice(-200) + piece
  }
  if (!/data: \[DONE\]|"type":"done"/.test(text)) throw new Error(`${way} was cut: ${text}`)
}

/** @returns {Promise<{ requests: number, alarms: number, rowsWritten: number, rowsRead: number }>} */
async function billed() {
  return /** @type {never} */ (await (await fetch(`${url}billed`)).json())
}

/** A provider: 1,000 events at once, one in each turn of the loop; or as many a second as a fast model has. */
async function startUpstream() {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => {
      body += String(piece)
    })
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      response.write(chatStart)
      const isFast = body.includes('"fast"')
      let left = isFast ? 1000 : perSecond * (seconds ?? 0)
      const next = () => {
        if (left === 0) {
          response.end(chatEnd())
          return
        }
        left -= 1
        response.write(chatText(` word ${left}`))
        if (isFast) setImmediate(next)
        else setTimeout(next, 1000 / perSecond)
      }
      next()
    })
  })
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** Linux only, as the two below. */
function pidOfWorkerd() {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => statOf(Number(pid))?.parent === process.pid)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('workerd'))
  if (found === undefined)
    throw new Error('The process of workerd was not found: this needs Linux.')
  return Number(found)
}

/** @param {number} pid */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may have spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return undefined
  }
}

/** Milliseconds; a tick is 10 of them. @param {number} pid */
function processorTime(pid) {
  return (statOf(pid)?.ticks ?? 0) * 10
}

/** Bytes. @param {number} pid */
function residentMemory(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
