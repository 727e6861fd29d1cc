// Reading while it streams: the end is followed until the reader scrolls up. And text that is hostile.
import { expect, test } from 'vitest'
import { forEachTest } from './for-each-test.ts'
import type { Playground } from './playground.ts'

let playground: Playground
forEachTest((opened) => {
  playground = opened
})

/** How far the conversation is scrolled, and how far from its end. */
function place(): Promise<{ top: number; below: number }> {
  return playground.page.evaluate(() => {
    const scroller = document.querySelector('.scroller')
    if (!scroller) return { top: 0, below: 0 }
    const { scrollTop, scrollHeight, clientHeight } = scroller
    return { top: scrollTop, below: scrollHeight - clientHeight - scrollTop }
  })
}

test('the end is followed until the reader scrolls up, and again when asked', async () => {
  const { page } = playground
  await playground.simulate({ script: 'long', pace: 'fast' })
  await playground.send('Go on')
  await expect.poll(async () => (await place()).top, { timeout: 20_000 }).toBeGreaterThan(300)
  expect((await place()).below).toBeLessThan(60)
  await page.locator('.scroller').hover()
  await page.mouse.wheel(0, -200)
  await playground.button('Follow the reply').waitFor()
  const { top } = await place()
  await expect.poll(async () => (await place()).below, { timeout: 30_000 }).toBeGreaterThan(400)
  expect((await place()).top).toBe(top)
  await playground.button('Follow the reply').click()
  await expect.poll(async () => (await place()).below).toBeLessThan(60)
  await page.waitForTimeout(300)
  expect((await place()).below).toBeLessThan(60)
  // By keyboard too.
  await page.locator('.scroller').focus()
  await page.keyboard.press('PageUp')
  await playground.button('Follow the reply').waitFor()
  await page.keyboard.press('End')
  await playground.button('Follow the reply').waitFor({ state: 'detached' })
  await playground.button('Stop').click()
  await playground.until('stopped')
})

test.each(['openai-chat', 'anthropic'])('hostile Markdown does nothing: %s', async (dialect) => {
  const { page } = playground
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await playground.simulate({ script: 'hostile', dialect })
  requests.length = 0
  await playground.send('Go')
  await playground.until('complete')
  const found = await playground.reply.locator('.markdown').evaluate((markdown) => ({
    elements: [...new Set([...markdown.querySelectorAll('*')].map(({ localName }) => localName))],
    attributes: [
      ...new Set([...markdown.querySelectorAll('*')].flatMap((one) => one.getAttributeNames())),
    ],
    addresses: [...markdown.querySelectorAll<HTMLAnchorElement>('a[href]')].map(
      ({ protocol }) => protocol,
    ),
  }))
  const forbidden = /^(script|style|iframe|img|svg|math|form|button|base|meta|object|embed|link)$/
  expect(found.elements.filter((name) => forbidden.test(name))).toEqual([])
  expect(found.attributes.filter((name) => /^(on|style$|src|srcdoc|id$|name$)/.test(name))).toEqual(
    [],
  )
  expect(new Set(found.addresses)).toEqual(new Set(['https:']))
  // Each link in turn, as a person who is curious.
  for (const link of await playground.reply.locator('.markdown a').all()) {
    await link.evaluate((anchor: HTMLAnchorElement) => {
      anchor.addEventListener('click', (event) => event.preventDefault())
      anchor.click()
    })
  }
  expect(dialogs).toEqual([])
  expect(requests).toEqual([])
})

test('what a person may do at the wrong time', async () => {
  const { page, prompt } = playground
  await playground.simulate({ script: 'long', pace: 'fast' })
  await playground.send('First')
  // Enter while a reply streams keeps what is written.
  await prompt.fill('Second')
  await prompt.press('Enter')
  expect(await prompt.inputValue()).toBe('Second')
  expect(await page.getByRole('article').count()).toBe(1)
  // A tape in mid-stream takes its place.
  await page.selectOption('#speed', 'Infinity')
  await playground.begin(() => page.getByRole('button', { name: /Signed thinking/ }).click())
  await playground.until('complete')
  expect(await page.getByRole('article').count()).toBe(2)
  expect(await page.getByRole('article').first().getAttribute('data-state')).toBe('stopped')
  // A new beginning in mid-stream.
  await prompt.fill('')
  await playground.simulate({ script: 'prose', pace: 'instant' })
  await playground.send('Third')
  await playground.until('complete')
  await playground.button('New conversation').click()
  await page.getByRole('heading', { name: 'Try a prompt' }).waitFor()
  expect(await page.locator('[data-pane=events] .count').textContent()).toBe('0')
})

test('a prompt of a megabyte', async () => {
  await playground.simulate({ script: 'prose' })
  await playground.send('squirrel '.repeat(116_000))
  await playground.until('complete')
  expect(await playground.reply.locator('.markdown').textContent()).not.toBe('')
  await playground.prompt.fill('Still quick')
  expect(await playground.prompt.inputValue()).toBe('Still quick')
})
