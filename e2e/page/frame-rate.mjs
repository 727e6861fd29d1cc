// How smooth the page is on a fast stream, and whether its memory stays flat. It prints figures and
// judges nothing: `npm run build:playground && node e2e/page/frame-rate.mjs [--events 2000] [--seconds 30]`.
import { createServer } from 'node:http'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { findChromium, howToGetChromium, startChromium } from '../lib/chromium.mjs'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '30' },
    page: { type: 'string' },
  },
})
const perSecond = Number(values.events)
const seconds = Number(values.seconds)
/** Milliseconds between two writes: finer than a frame, so that each frame has something to do. */
const beat = 5

/** @type {{ module: typeof import('./static-server.ts') }} */
const { module: servers } = await runnerImport(
  new URL('static-server.ts', import.meta.url).pathname,
)
const site = await servers.serveFolder(values.page ?? servers.builtPage)
const provider = await startProvider()
const found = await findChromium()
if (!found) throw new Error(`There is no Chromium: ${howToGetChromium}.`)
const browser = await startChromium({
  executablePath: found.executablePath,
  args: ['--enable-precise-memory-info'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(site.url)
  await page.selectOption('#connection', 'custom')
  await page.fill('#base-url', provider.url)
  await page.fill('#model', 'fast')
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.enable')
  await devtools.send('Performance.enable')
  /** Seconds of processor time that the page's main thread has had. */
  const threadTime = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0
  }
  const frames = await page.evaluateHandle(countFrames)
  await page.fill('#prompt', 'As fast as you can.')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-state=streaming]')
  const began = performance.now()
  const busyBefore = await threadTime()
  /** @type {{ at: number, heap: number, nodes: number }[]} */
  const memory = []
  const step = Math.max(seconds / 6, 1)
  for (let at = step; at < seconds + 0.01; at += step) {
    await new Promise((resolve) => setTimeout(resolve, began + at * 1000 - performance.now()))
    const count = await frames.evaluate((times) => times.length)
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    const { nodes } = await devtools.send('Memory.getDOMCounters')
    memory.push({ at, heap: usedSize, nodes })
    // The collection itself costs frames, which are not the page's.
    await frames.evaluate((times, from) => void times.splice(from), count)
  }
  await page.waitForSelector('[data-state=complete]', { timeout: 120_000 })
  const took = (performance.now() - began) / 1000
  const busy = (await threadTime()) - busyBefore
  const times = await frames.jsonValue()
  const shown = await page.evaluate(() => ({
    events: document.querySelector('[data-pane=events] .count')?.textContent,
    characters: document.querySelector('.markdown')?.textContent?.length,
    rows: document.querySelectorAll('.row').length,
  }))
  print({ times, memory, shown, took, busy, version: found.version })
} finally {
  await browser.close()
  await site.close()
  provider.close()
}

/** Notes how long each frame took. */
function countFrames() {
  /** @type {number[]} */
  const frames = []
  let last = performance.now()
  const note = () => {
    const now = performance.now()
    frames.push(now - last)
    last = now
    requestAnimationFrame(note)
  }
  requestAnimationFrame(note)
  return frames
}

/** A provider that says so many words a second, and does nothing else. */
async function startProvider() {
  const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, cors).end()
      return
    }
    response.writeHead(200, { ...cors, 'content-type': 'text/event-stream' })
    const start = performance.now()
    let sent = 0
    const timer = setInterval(() => {
      const due = Math.min((performance.now() - start) / 1000, seconds) * perSecond
      let text = ''
      for (; sent < Math.floor(due); sent += 1) text += frame({ content: word(sent) })
      if (text !== '') response.write(text)
      if (sent < seconds * perSecond) return
      clearInterval(timer)
      response.end(`${frame({}, 'stop')}data: [DONE]\n\n`)
    }, beat)
    response.on('close', () => clearInterval(timer))
  })
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** @param {{ content?: string }} delta @param {string | null} [finish] */
function frame(delta, finish = null) {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  const chunk = { id: 'fast', object: 'chat.completion.chunk', created: 0, model: 'fast', choices }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

/** Paragraphs of 60 words, with a list and some code now and then. @param {number} i */
function word(i) {
  if (i % 600 === 599) return '\n\n```\nlet squirrels = 1\n```\n\n'
  if (i % 60 === 59) return '.\n\n'
  if (i % 300 === 120) return '\n\n- item '
  return i % 17 === 3 ? '**squirrel** ' : 'ash '
}

/**
 * @param {{
 *   times: number[], memory: { at: number, heap: number, nodes: number }[], took: number, busy: number, version: string,
 *   shown: { events?: string | null | undefined, characters?: number | undefined, rows: number },
 * }} measured
 */
function print({ times, memory, shown, took, busy, version }) {
  const frames = times.toSorted((a, b) => a - b)
  const total = frames.reduce((sum, time) => sum + time, 0)
  const at = (/** @type {number} */ share) =>
    (frames[Math.floor((frames.length - 1) * share)] ?? 0).toFixed(1)
  console.log(
    `Chromium ${version}, ${perSecond} events a second for ${seconds} s, took ${took.toFixed(1)} s`,
  )
  console.log(
    `events shown: ${shown.events}, characters: ${shown.characters}, rows in the page: ${shown.rows}`,
  )
  console.log(`frames a second: ${((frames.length * 1000) / total).toFixed(1)}`)
  console.log(`time of a frame: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`)
  // On a machine that others use, frames are late for want of a processor; this is the page's own part.
  console.log(
    `main thread: ${((busy * 100) / took).toFixed(0)} % of a processor; load of the machine: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()}`,
  )
  for (const { at: time, heap, nodes } of memory) {
    console.log(`after ${time.toFixed(0)} s: heap ${(heap / 1e6).toFixed(1)} MB, ${nodes} nodes`)
  }
}
