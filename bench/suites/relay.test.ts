import { afterEach, expect, test } from 'vitest'
import { eachRound } from '../lib/each-round.mjs'
import { checkOpenFiles, openFilesLimit } from '../lib/open-files.mjs'
import { startPacedServer } from '../lib/paced-server.mjs'
import { readRelayed } from '../lib/read-relayed.mjs'
import { relayTable } from '../lib/report.mjs'
import { serveRelay } from '../lib/serve-relay.mjs'
import { again, direct, isNoisy, proxy, relay, summarize } from './relay.mjs'

let upstream: Awaited<ReturnType<typeof startPacedServer>> | undefined
afterEach(async () => {
  await serveRelay({ step: 'stop' })
  await upstream?.close()
})

async function start(kind: 'relay' | 'proxy'): Promise<string> {
  upstream = await startPacedServer({ events: 3, pace: 5 })
  const { baseURL } = upstream
  const { url } = await serveRelay({ step: 'start', kind, baseURL, streams: 5 })
  return url ?? ''
}

test.each([
  ['the relay', 'relay'],
  ['the byte proxy', 'proxy'],
] as const)('through %s each event of each stream comes, and its age is known', async (_, kind) => {
  const url = await start(kind)
  const isRelay = kind === 'relay'
  upstream?.warm(true)
  await readRelayed({ step: 'warm', url, isRelay, streams: 12 })
  upstream?.warm(false)
  await readRelayed({ step: 'open', url, isRelay, streams: 5 })
  const { heap = 0, rss = 0 } = await serveRelay({ step: 'memory' })
  expect(Math.min(heap, rss)).toBeGreaterThan(2 ** 20)
  upstream?.go()
  const { p50 = NaN, p99 = NaN } = await readRelayed({ step: 'end', events: 3 })
  expect(p50).toBeGreaterThan(0)
  expect(p99).toBeGreaterThanOrEqual(p50)
  expect((await serveRelay({ step: 'cpu' })).cpu).toBeGreaterThan(0)
})

test('a stream that loses events, or is cut off, is no figure', async () => {
  const url = await start('relay')
  await readRelayed({ step: 'open', url, isRelay: true, streams: 2 })
  upstream?.go()
  await expect(readRelayed({ step: 'end', events: 4 })).rejects.toThrow('6 of 8 events came')
  await readRelayed({ step: 'open', url, isRelay: true, streams: 2 })
  await upstream?.close()
  await expect(readRelayed({ step: 'end', events: 3 })).rejects.toThrow('A stream was cut off')
})

test('who refuses is told with what it says', async () => {
  const url = await start('relay')
  const asked = readRelayed({ step: 'open', url: `${url}/none`, isRelay: true, streams: 1 })
  await expect(asked).rejects.toThrow(/^404: .*There is nothing at this address/)
})

test('too few open files are told before they run out', () => {
  expect(() => checkOpenFiles(2000, 1024)).toThrow(
    '2,000 connections in one process need 2,200 open files, and 1,024 are allowed: try `ulimit -n 2200` before',
  )
  checkOpenFiles(2000, 2200)
  checkOpenFiles(2000, undefined)
  const limit = openFilesLimit()
  if (process.platform === 'linux') expect(limit).toBeGreaterThan(0)
})

test('who has failed takes part in no more rounds', async () => {
  const asked: string[] = []
  const { results, failures } = await eachRound({
    names: ['good', 'bad'],
    rounds: 2,
    progress: () => {},
    async measure(name) {
      asked.push(name)
      if (name === 'bad') throw new Error('died')
      return asked.length
    },
  })
  expect(asked).toEqual(['good', 'bad', 'good'])
  expect(results.get('good')).toEqual([1, 3])
  expect([...failures]).toEqual([['bad', 'died']])
})

const result = (p50: number, p99: number, heap = NaN, cpu = NaN) => ({
  p50,
  p99,
  heap,
  rss: heap * 2,
  cpu,
})

const results = new Map([
  [direct, [result(1, 2), result(1, 4), result(1, 3)]],
  [proxy, [result(2, 4, 1024, 10), result(2, 8, 1024, 20), result(2, 5, 1024, 10)]],
  [relay, [result(3, 8, 2048, 20), result(3, 16, 2048, 60), result(4, 15, 2048, 25)]],
  [again, [result(2, 4, 1024, 10), result(2, 6, 1024, 20), result(2, 5, 1024, 10)]],
])

test('ratios and what is added are those of a round, and the median of the rounds is told', () => {
  const rows = summarize(results, new Map())
  expect(rows.find(({ name }) => name === relay)).toEqual({
    name: relay,
    figures: { p50: 3, p99: 15, heap: 2048, rss: 4096, cpu: 25 },
    added: { p50: 2, p99: 12 },
    ratios: { p50: 1.5, p99: 2, heap: 2, rss: 2, cpu: 2.5 },
  })
  expect(rows.find(({ name }) => name === direct)?.figures?.cpu).toBeNaN()
  expect(isNoisy(rows)).toBe(false)
  const noisy = new Map(results).set(again, [result(2, 9), result(2, 12), result(2, 8)])
  expect(isNoisy(summarize(noisy, new Map()))).toBe(true)
})

test('the report has the figures, the failures, and what this machine is too small for', () => {
  const rows = summarize(results, new Map([[again, 'died']]))
  const report = relayTable(1000, rows, 2)
  expect(report).toMatch(/^## 1,000 streams at once through one process$/m)
  expect(report).toMatch(
    /^\| relay, \/chat +\| +3\.00 \| +15\.0 \| +2\.00 \| +12\.00 \| +2\.00 \| +4\.00 \| +25\.0 \|$/m,
  )
  expect(report).toMatch(
    /^\| relay, \/chat +\| +1\.50 \| +2\.00 \| +2\.00 \| +2\.00 \| +2\.50 \|$/m,
  )
  expect(report).toContain('- byte proxy, again: died')
  expect(report).toContain('This machine has 2 cores for the three processes')
  expect(relayTable(1000, rows, 8)).not.toContain('cores')
})
