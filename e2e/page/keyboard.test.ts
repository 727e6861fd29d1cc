// The whole page by keyboard alone, and what a screen reader is told.
import { expect, test } from 'vitest'
import { forEachTest } from './for-each-test.ts'
import type { Playground } from './playground.ts'

let playground: Playground
forEachTest((opened) => {
  playground = opened
})

/** What has the focus, as a person would name it. */
function focused(): Promise<string> {
  return playground.page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement)) return ''
    const label =
      element instanceof HTMLInputElement ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement
        ? element.labels?.[0]?.textContent
        : (element.ariaLabel ?? element.textContent)
    return `${element.tagName.toLowerCase()} ${(label ?? '').replaceAll(/\s+/g, ' ').trim()}`
  })
}

/** Presses Tab until something that fits has the focus. */
async function tabTo(wanted: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = []
  for (let i = 0; i < 80; i += 1) {
    const now = await focused()
    if (wanted.test(now)) return
    passed.push(now)
    await playground.page.keyboard.press(key)
  }
  throw new Error(`Tab does not lead to ${String(wanted)}: ${passed.join(', ')}`)
}

test('from the settings to the results of tools, without a mouse', async () => {
  const { keyboard } = playground.page
  // Whoever comes wants to write.
  await expect.poll(focused).toBe('textarea Prompt')
  await tabTo(/^select What it says/, 'Shift+Tab')
  await keyboard.type('Two')
  await tabTo(/^select Pace/)
  await keyboard.type('At once')
  await tabTo(/^input get_weather/)
  await keyboard.press('Space')
  await tabTo(/^textarea Prompt/)
  await keyboard.type('What is the weather?')
  await playground.begin(() => keyboard.press('Enter'))
  await playground.until('complete')
  expect(await focused()).toBe('textarea Prompt')
  await tabTo(/^button Send the results/, 'Shift+Tab')
  await tabTo(/^textarea Result of get_weather/, 'Shift+Tab')
  await keyboard.press('ControlOrMeta+A')
  await keyboard.type('Snow.')
  await tabTo(/^button Send the results/)
  await playground.begin(() => keyboard.press('Enter'))
  await playground.until('complete')
  expect(await playground.reply.locator('.markdown').textContent()).toContain('Snow.')
  // The boxes are gone; the keyboard is not lost with them.
  await expect.poll(focused).toBe('textarea Prompt')
})

test('the panes of the chain, row by row, and away from a row', async () => {
  const { page } = playground
  await playground.simulate({ script: 'prose' })
  await playground.send('Go')
  await playground.until('complete')
  await tabTo(/^\S+ SSE events/)
  await page.keyboard.press('Home')
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowDown')
  const pane = playground.pane('SSE events')
  const chosen = pane.locator('[aria-selected=true]')
  expect(await chosen.getAttribute('aria-posinset')).toBe('4')
  await page.keyboard.press('PageDown')
  expect(Number(await chosen.getAttribute('aria-posinset'))).toBeGreaterThan(5)
  await tabTo(/^button Close/)
  await page.keyboard.press('Enter')
  expect(await page.locator('.detail').count()).toBe(0)
  expect(await focused()).toBe('div SSE events')
})

test('a button that goes away with what it did leaves the keyboard in the prompt', async () => {
  const { page } = playground
  await playground.simulate({ script: 'long', pace: 'fast' })
  await playground.send('Go')
  await playground.until('streaming')
  await tabTo(/^button Stop/)
  await page.keyboard.press('Enter')
  await playground.until('stopped')
  await expect.poll(focused).toBe('textarea Prompt')
  await playground.simulate({ script: 'prose' })
  await playground.prompt.focus()
  await tabTo(/^button Try again/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await playground.until('complete')
  await expect.poll(focused).toBe('textarea Prompt')
  await tabTo(/^button New conversation/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('textarea Prompt')
  await tabTo(/^button Tell me the story/, 'Shift+Tab')
  await playground.begin(() => page.keyboard.press('Enter'))
  await playground.until('complete')
  await expect.poll(focused).toBe('textarea Prompt')
})

test('every stop of the keyboard is seen', async () => {
  const { page } = playground
  await playground.simulate({ script: 'code' })
  await playground.send('Go')
  await playground.until('complete')
  await playground.prompt.focus()
  const unseen: string[] = []
  const stops = new Set<string>()
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press('Tab')
    const name = await focused()
    stops.add(name)
    const isSeen = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return true
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      const hasRing = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1
      const { top, bottom, width } = element.getBoundingClientRect()
      const isInSight = bottom > 0 && top < innerHeight && width > 0
      return isInSight && (hasRing || boxShadow !== 'none')
    })
    if (!isSeen) unseen.push(name)
  }
  expect(unseen).toEqual([])
  expect(stops.size).toBeGreaterThan(15)
})

test('what happens is announced, and the reply itself is not read word by word', async () => {
  const { page } = playground
  await page.evaluate(() => {
    const status = document.querySelector('[role=status]')
    const heard: string[] = []
    Object.assign(globalThis, { heard })
    if (!status) return
    new MutationObserver(() => heard.push(status.textContent)).observe(status, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  await playground.simulate({ script: 'prose', pace: 'fast' })
  await playground.send('Go')
  await playground.until('complete')
  await expect
    .poll(() => playground.status.textContent())
    .toMatch(/^The reply is complete: \d+ words\.$/)
  const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
  expect(heard.slice(0, -1)).toEqual(['Waiting for the reply.', 'The reply is coming.'])
  const live = await page.locator('[aria-live], [role=log]').count()
  expect(live).toBe(0)
  expect(await playground.reply.getAttribute('aria-busy')).toBe('false')
})

test('Enter sends, Shift and Enter is a new line', async () => {
  const { page, prompt } = playground
  await playground.simulate({ script: 'auto' })
  await prompt.focus()
  await page.keyboard.type('One')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('Two')
  expect(await prompt.inputValue()).toBe('One\nTwo')
  await playground.begin(() => page.keyboard.press('Enter'))
  await playground.until('complete')
  expect(await page.locator('.said').textContent()).toBe('One\nTwo')
})
