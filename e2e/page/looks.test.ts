// The page's states in both themes and at three widths: axe, nothing that overflows or jumps, and
// pictures to look at (`RATATOSKR_SCREENSHOTS=folder`).
import { mkdir } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { axe } from './axe.ts'
import { launchChromium } from './browser.ts'
import { Playground, servePlayground } from './playground.ts'
import type { StaticServer } from './static-server.ts'

const folder = process.env['RATATOSKR_SCREENSHOTS']
let browser: Browser
let server: StaticServer
beforeAll(async () => {
  browser = await launchChromium()
  server = await servePlayground()
  if (folder !== undefined) await mkdir(folder, { recursive: true })
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

const widths = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
  { width: 320, height: 640 },
] as const

/** What reaches beyond the window's edge, the insides of what scrolls left out. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX) ||
        scrolls(element.parentElement))
    const found = document.scrollingElement?.scrollWidth ?? 0
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect()
      const isOut = width > 0 && (right > innerWidth + 0.5 || left < -0.5)
      return isOut && !scrolls(element.parentElement) && !element.closest('.visually-hidden')
    })
    return [
      ...(found > innerWidth ? [`the page is ${found} wide`] : []),
      ...wide.map(({ tagName, className }) => `${tagName}.${className}`),
    ]
  })
}

describe.each(widths)('$width × $height', (viewport) => {
  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const playground = await Playground.open(browser, server, { viewport, colorScheme })
    const { page } = playground
    const look = async (state: string): Promise<void> => {
      const found = { overflowing: await overflowing(page), axe: await axe(page) }
      expect(found, state).toEqual({ overflowing: [], axe: [] })
      const path = `${folder}/${state}-${viewport.width}-${colorScheme}.png`
      const picture = await page.screenshot(folder === undefined ? {} : { path })
      expect(picture.length).toBeGreaterThan(5000)
    }
    await look('empty')
    await playground.show('Settings')
    await look('settings')
    await page.selectOption('#connection', 'openrouter')
    await look('settings-key')
    await page.selectOption('#connection', 'browser')
    await look('settings-browser')
    await page.selectOption('#connection', 'relay')
    await look('settings-relay')

    await playground.simulate({ script: 'code', pace: 'slow' })
    await playground.send('How do I count the words of a text?')
    await look('waiting')
    await playground.until('streaming')
    await look('streaming')
    await playground.button('Stop').click()
    await playground.until('stopped')
    await look('stopped')
    await playground.simulate({ script: 'code' })
    await playground.send('How do I count the words of a text?')
    await playground.until('complete')
    await look('complete')
    await playground.show('Settings')
    await page.getByRole('checkbox', { name: 'get_weather' }).check()
    await playground.simulate({ script: 'tools' })
    await playground.send('What is the weather in Oslo?')
    await playground.until('complete')
    await page.getByRole('form', { name: 'Results of the tools' }).waitFor()
    await look('tools')
    await playground.simulate({ script: 'prose', fault: '429' })
    await playground.send('And now?')
    await playground.until('failed')
    await look('failed')
    await playground.show('Chain')
    await look('chain')
    await playground.pane('Bytes').focus()
    await page.keyboard.press('Home')
    await page.locator('.detail').waitFor()
    await look('chain-detail')
    await playground.show('Chat')
    await page
      .getByRole('button', { name: viewport.width > 1000 ? 'System theme' : /theme/i })
      .click()
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light')
    await look('light-theme')
    expect(playground.problems).toEqual([])
    await playground.close()
  })
})

test('with forced colors, and without motion', async () => {
  const playground = await Playground.open(browser, server, {
    forcedColors: 'active',
    reducedMotion: 'reduce',
  })
  await playground.simulate({ script: 'reasoning', pace: 'fast' })
  await playground.page.selectOption('#effort', 'low')
  await playground.send('Go')
  await playground.until('streaming')
  const moving = await playground.page.evaluate(() =>
    document
      .getAnimations()
      .map(({ effect }) => effect?.getTiming())
      .filter((timing) => Number(timing?.duration ?? 0) > 10 && timing?.iterations !== 1),
  )
  expect(moving).toEqual([])
  await playground.until('complete')
  // The colors are the system's then, and axe sees those of the page.
  const found = await axe(playground.page)
  expect(found.filter(({ rule }) => rule !== 'color-contrast')).toEqual([])
  await playground.close()
})

test.each(widths)('nothing jumps while a reply streams: $width', async (viewport) => {
  const playground = await Playground.open(browser, server, { viewport })
  const { page } = playground
  await playground.simulate({ script: 'code', pace: 'fast' })
  // Where things are at each frame: text that is read, and what stands below it.
  await page.evaluate(() => {
    const places: { [name: string]: number[] } = {}
    Object.assign(globalThis, { places })
    const top = (selector: string): number | undefined =>
      document.querySelector(selector)?.getBoundingClientRect().y
    const look = (): void => {
      const scrolled = document.querySelector('.scroller')?.scrollTop ?? 0
      const heading = top('.markdown h3')
      const seen = {
        '.markdown h3': heading === undefined ? undefined : heading + scrolled,
        '.facts': top('.facts'),
        '.actions': top('.actions'),
        'rk-composer': top('rk-composer'),
        '.panes': top('.panes'),
      }
      for (const [name, y] of Object.entries(seen)) {
        if (y !== undefined) (places[name] ??= []).push(y)
      }
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await playground.send('Go')
  await playground.until('complete')
  await page.waitForTimeout(200)
  const places = await page.evaluate(
    () => (globalThis as unknown as { places: { [name: string]: number[] } }).places,
  )
  const moved = Object.entries(places).map(([name, tops]) => {
    const way = Math.round(Math.max(...tops) - Math.min(...tops))
    return `${name} by ${way <= 1 ? 0 : way} px`
  })
  const names = ['.markdown h3', '.facts', '.actions', 'rk-composer', '.panes']
  expect(moved.toSorted()).toEqual(names.map((name) => `${name} by 0 px`).toSorted())
  expect(Math.min(...Object.values(places).map(({ length }) => length))).toBeGreaterThan(5)
  await playground.close()
})
