import type { Browser } from 'playwright-core'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { chromiumCandidates, findChromium } from '../lib/chromium.mjs'
import { launchChromium } from './browser.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ratatoskr-browser-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

// Windows has neither the scripts nor the names.
describe.skipIf(process.platform === 'win32')('Chromium', () => {
  const works = "#!/bin/sh\necho 'Some warning' >&2\necho 'Chromium 156.0.1.2 built on Any'\n"
  const fails = '#!/bin/sh\necho "It needs a snap."\nexit 1\n'

  async function script(path: string, text: string, mode = 0o755): Promise<string> {
    const file = join(folder, path)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, text, { mode })
    return file
  }

  test('is what CHROME_PATH says, else the best name on the PATH', async () => {
    const given = await script('given/any-name', works)
    const chrome = await script('a/google-chrome', works)
    const old = await script('a/chromium-browser', works)
    const chromium = await script('b/chromium', works)
    const PATH = [join(folder, 'a'), join(folder, 'b')].join(delimiter)
    const candidates = chromiumCandidates({ PATH, CHROME_PATH: given })
    expect(candidates.slice(0, 4)).toEqual([given, chromium, chrome, old])
    const version = '156.0.1.2'
    expect(await findChromium({ PATH, CHROME_PATH: given })).toEqual({
      executablePath: given,
      version,
    })
    expect(await findChromium({ PATH })).toEqual({ executablePath: chromium, version })
  })

  test('is not what does not run', async () => {
    const missing = join(folder, 'missing')
    await script('c/chromium', fails)
    await script('c/google-chrome', works, 0o644)
    const chrome = await script('d/chrome', works)
    const PATH = [join(folder, 'c'), join(folder, 'd')].join(delimiter)
    const found = await findChromium({ PATH, CHROME_PATH: missing })
    expect(found?.executablePath).toBe(chrome)
  })
})

test('Where there is none, the error says what to do', async () => {
  vi.resetModules()
  vi.doMock('../lib/chromium.mjs', async (original) => ({
    ...(await original<object>()),
    findChromium: () => Promise.resolve(undefined),
  }))
  const { launchChromium: launch } = await import('./browser.ts')
  await expect(launch()).rejects.toThrow(
    /^No Chromium found; .*CHROME_PATH.*playwright-core install/,
  )
  vi.doUnmock('../lib/chromium.mjs')
})

test('It starts, and reaches this machine only', async () => {
  const browser: Browser = await launchChromium()
  try {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('requestfailed', (request) => errors.push(String(request.failure()?.errorText)))
    await page.goto('https://openrouter.ai/').catch(() => {})
    expect(errors).toEqual(['net::ERR_NAME_NOT_RESOLVED'])
  } finally {
    await browser.close()
  }
})
