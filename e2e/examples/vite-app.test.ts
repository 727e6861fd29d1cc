// examples/vite-app: built by its own Vite, measured, and driven in Chromium.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, howToGetChromium } from '../lib/chromium.mjs'
import { start, stop } from '../lib/processes.mjs'
import { axe } from '../page/axe.ts'
import { launchChromium } from '../page/browser.ts'
import { startProvider, type ProviderServer } from '../page/provider-server.ts'
import { serveFolder, type StaticServer } from '../page/static-server.ts'
import { installExample, type InstalledExample } from './install-example.ts'
import { isMissing } from './run-worker.ts'

// What gateway and OpenRouter cost (scripts/size.mjs), 0.7 KB of the page itself, and 5 %.
const budget = 12.8 * 1024

let example: InstalledExample

beforeAll(async () => {
  example = await installExample('vite-app')
  const build = start('npm', ['run', 'build'], { cwd: example.folder })
  if ((await build.exited) !== 0) throw new Error(build.output())
})
afterAll(() => example?.remove())

test('the production build costs what it may', async () => {
  const dist = join(example.folder, 'dist')
  const html = await readFile(join(dist, 'index.html'), 'utf8')
  const atOnce = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
    ([, at = '']) => at,
  )
  const all = (await readdir(join(dist, 'assets'))).filter((name) => name.endsWith('.js'))
  const first = await gzipped(atOnce.map((name) => join(dist, name)))
  const whole = await gzipped(all.map((name) => join(dist, 'assets', name)))
  console.log(
    `examples/vite-app: ${kilobytes(first)} gzip of scripts at once, ${kilobytes(whole)} in all`,
  )
  expect(first).toBeLessThanOrEqual(budget)
  // Half of it would mean that the library is not in it.
  expect(first).toBeGreaterThan(budget / 2)
})

async function gzipped(files: readonly string[]): Promise<number> {
  const contents = await Promise.all(files.map((file) => readFile(file)))
  // The simulator is for development alone.
  for (const content of contents) expect(content.includes('sim_')).toBe(false)
  return contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0)
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(2)} K`
}

const lacksChromium = !(await findChromium()) && isMissing('Chromium', howToGetChromium)

describe.skipIf(lacksChromium)('the page in Chromium', () => {
  let browser: Browser
  let site: StaticServer
  let provider: ProviderServer

  beforeAll(async () => {
    browser = await launchChromium()
    site = await serveFolder(join(example.folder, 'dist'), { path: '/some/path/' })
    provider = await startProvider('openrouter')
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await provider?.close()
  })

  /** The page, with a question entered. */
  async function open(url: string) {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    await page.goto(url)
    await page.getByLabel('Question').fill('Which tree is it?')
    return { page, problems, reply: page.getByLabel('Reply'), status: page.getByRole('status') }
  }

  async function openBuilt() {
    const opened = await open(site.url)
    const { page } = opened
    await page.getByText('Provider').click()
    await page.getByLabel('Base URL').fill(provider.baseURL)
    await page.getByLabel('Key').fill('sk-or-simulated')
    return opened
  }

  test('streams a reply, and stops it', async () => {
    provider.use({ script: [{ text: 'In the ' }, { fault: { kind: 'stall' } }] })
    const { page, problems, reply, status } = await openBuilt()
    await page.getByRole('button', { name: 'Ask' }).click()
    // The model is silent from here on: this is there before the reply has ended.
    await reply.getByText('In the').waitFor()
    expect(await reply.getAttribute('aria-busy')).toBe('true')
    await page.getByRole('button', { name: 'Stop' }).click()
    await status.getByText('Stopped').waitFor()
    expect(await (await provider.received()).ended).toBe('disconnected')

    provider.forget()
    provider.use({ script: [{ text: 'In the ash 🌳.' }] })
    await page.getByRole('button', { name: 'Ask' }).click()
    await status.getByText('stop').waitFor()
    expect(await reply.textContent()).toBe('In the ash 🌳.')
    expect(await axe(page)).toEqual([])
    expect([...problems, ...provider.violations, ...site.strays]).toEqual([])
    await page.close()
  })

  test('says what failed', async () => {
    provider.use({ script: [{ text: 'In the ' }, { fault: { kind: 'cut' } }] })
    const { page, reply, status } = await openBuilt()
    await page.getByRole('button', { name: 'Ask' }).click()
    await status.getByText('truncated').waitFor()
    expect(await reply.textContent()).toContain('In the')
    await page.close()
  })

  test.each(['dev', 'preview'])(
    'works by `npm run %s`, without network and key',
    async (script) => {
      const args = ['run', script, '--', '--host', '127.0.0.1', '--port', '0']
      const server = start('npm', args, {
        cwd: example.folder,
        env: { ...process.env, NO_COLOR: '1' },
      })
      try {
        let url: string | undefined
        while (url === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 50))
          if (server.exitCode !== null) throw new Error(`It has ended:\n${server.output()}`)
          url = /http:\/\/127\.0\.0\.1:\d+\//.exec(server.output())?.[0]
        }
        const { page, problems, reply, status } = await open(url)
        await page.getByRole('button', { name: 'Ask' }).click()
        await status.getByText('stop').waitFor()
        expect(await reply.textContent()).toContain('Which tree is it?')
        expect(problems).toEqual([])
        await page.close()
      } finally {
        await stop(server)
      }
    },
  )
})
