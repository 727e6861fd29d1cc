import type { Browser } from 'playwright-core'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { axe } from './axe.ts'
import { launchChromium } from './browser.ts'
import { openPage, type OpenedPage } from './open-page.ts'
import { serveFolder, type StaticServer } from './static-server.ts'
import { waitUntil } from './wait-until.ts'

// As strict as a page's policy can be.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"

const head = (rest: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title>` +
  `<link rel="icon" href="icon.svg"><link rel="stylesheet" href="style.css">${rest}`

const files: { readonly [name: string]: string } = {
  'style.css': 'body { color: #000; background: #fff } .pale { color: #ddd }',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'good.html': head('<main><h1>Good</h1><p>All is well.</p></main>'),
  'bad.html': head(
    '<main><h1>Bad</h1><p class="pale">Pale</p><button></button><div id="host"></div></main>' +
      '<script type="module" src="shadow.js"></script>',
  ),
  'shadow.js':
    "const image = document.createElement('img'); image.src = 'icon.svg';" +
    "document.getElementById('host').attachShadow({ mode: 'open' }).append(image)",
  'broken.html': head('<script type="module" src="broken.js"></script><script>1</script>'),
  'broken.js':
    "console.warn('a warning'); console.error('an error'); console.log('no problem');" +
    "Promise.reject(new Error('a rejection'));" +
    "fetch('https://elsewhere.example/').catch(() => {});" +
    "fetch('style.css', { signal: AbortSignal.abort() }).catch(() => {});" +
    "try { document.body.innerHTML = '<p>' } catch {}" +
    "throw new Error('an exception')",
}

let browser: Browser
let folder: string
let site: StaticServer
let closed: StaticServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ratatoskr-page-'))
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)),
  )
  site = await serveFolder(folder, { path: '/a/', headers: { 'content-security-policy': policy } })
  closed = await serveFolder(folder)
  await closed.close()
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await rm(folder, { recursive: true })
})

async function withPage(
  name: string,
  perform: (opened: OpenedPage) => Promise<void>,
  options?: Parameters<typeof openPage>[2],
): Promise<void> {
  const opened = await openPage(browser, site.url + name, options)
  try {
    await perform(opened)
  } finally {
    await opened.close()
  }
}

test('A page that works has no problems, not even of the tests’ making', async () => {
  await withPage('good.html', async ({ page, problems }) => {
    expect(await axe(page)).toEqual([])
    expect(await page.evaluate((sum: number) => sum + 1, 1)).toBe(2)
    expect(problems.all()).toEqual([])
    expect(site.strays).toEqual([])
  })
})

test('What goes wrong in a page is told, each kind in its list', async () => {
  await withPage('broken.html', async ({ page, problems }) => {
    await waitUntil(() => problems.uncaught.length >= 2, 'both exceptions')
    await waitUntil(() => problems.cspViolations.length >= 3, 'three violations')
    expect(problems.uncaught.join('\n')).toMatch(
      /a rejection[^]*an exception|an exception[^]*a rejection/,
    )
    expect(problems.console).toContainEqual(
      expect.stringMatching(/^warning: a warning \(.*broken\.js:0\)/),
    )
    expect(problems.console).toContainEqual(expect.stringMatching(/^error: an error \(/))
    expect(problems.console.join()).not.toContain('no problem')
    const directives = problems.cspViolations.map((line) => line.replace(/:.*/, ''))
    expect(directives.sort()).toEqual([
      'connect-src',
      'require-trusted-types-for',
      'script-src-elem',
    ])
    await page.evaluate((url) => fetch(url).catch(() => {}), `${site.origin}/a/none`)
    await page.goto(closed.url).catch(() => {})
    await waitUntil(
      () => problems.failedRequests.some((line) => line.includes('ERR_CONNECTION_REFUSED')),
      'the failed request',
    )
    expect(problems.all().length).toBeGreaterThan(6)
  })
})

test('A profile has what it was given, and nothing of the one before', async () => {
  const options = {
    viewport: { width: 360, height: 640 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  } as const
  await withPage(
    'good.html',
    async ({ page }) => {
      const seen = await page.evaluate(async () => {
        localStorage.setItem('seen', 'yes')
        await navigator.clipboard.writeText('copied')
        return [
          innerWidth,
          matchMedia('(prefers-color-scheme: dark)').matches,
          matchMedia('(prefers-reduced-motion: reduce)').matches,
          await navigator.clipboard.readText(),
        ]
      })
      expect(seen).toEqual([360, true, true, 'copied'])
    },
    options,
  )
  await withPage('good.html', async ({ page }) => {
    const seen = await page.evaluate(() => [
      innerWidth,
      matchMedia('(prefers-color-scheme: dark)').matches,
      matchMedia('(prefers-reduced-motion: reduce)').matches,
      localStorage.getItem('seen'),
    ])
    expect(seen).toEqual([1280, false, false, null])
  })
})

test('axe tells what is serious, also in a shadow tree, under a strict policy', async () => {
  await withPage('bad.html', async ({ page, problems }) => {
    const violations = await axe(page)
    const told = violations.map(({ rule, impact, targets }) => [rule, impact, ...targets].join(' '))
    expect(told.sort()).toEqual([
      'button-name critical button',
      'color-contrast serious p',
      'image-alt critical #host >>> img',
    ])
    expect(violations[0]?.help).toMatch(/./)
    expect((await axe(page, '#host')).map(({ rule }) => rule)).toEqual(['image-alt'])
    expect(problems.all()).toEqual([])
  })
})

test('A page that does not come is an error, and its profile is closed', async () => {
  await expect(openPage(browser, closed.url)).rejects.toThrow('ERR_CONNECTION_REFUSED')
  expect(browser.contexts()).toEqual([])
})
