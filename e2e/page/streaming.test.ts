// A prompt on the built page: every kind of event is shown, and the page works from any path, offline.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { forEachTest } from './for-each-test.ts'
import type { Playground } from './playground.ts'
import { builtPage, type StaticServer } from './static-server.ts'

let playground: Playground
let server: StaticServer
forEachTest((opened, serving) => {
  playground = opened
  server = serving
}, '/some/deep/path/')

test('a prompt streams, below a deep path, and then without a network', async () => {
  await playground.send('Hello')
  await playground.until('complete')
  expect(await playground.reply.textContent()).toContain('You said: “Hello”')
  expect(server.strays).toEqual([])
  await playground.opened.context.setOffline(true)
  await playground.send('And again')
  await playground.until('complete')
  expect(await playground.reply.textContent()).toContain('“And again”')
  expect(await playground.page.getByRole('article').count()).toBe(2)
})

test('what is loaded first weighs at most 120 KB', async () => {
  const folder = process.env['RATATOSKR_PAGE'] ?? builtPage
  const from = server.requests.length
  await playground.page.reload()
  await playground.prompt.waitFor()
  const files = server.requests.slice(from).map(({ path }) => path.slice('/some/deep/path/'.length))
  // They come when they are needed.
  expect(files.filter((file) => /relay|\.tape/.test(file))).toEqual([])
  const weights = files.map(
    (file) => gzipSync(readFileSync(`${folder}/${file || 'index.html'}`)).length,
  )
  const weight = weights.reduce((sum, one) => sum + one, 0)
  console.log(`first load: ${files.length} files, ${(weight / 1024).toFixed(1)} KB gzip`)
  expect(weight).toBeGreaterThan(10_000)
  expect(weight).toBeLessThan(120 * 1024)
})

test('content comes as Markdown', async () => {
  await playground.simulate({ script: 'code' })
  await playground.send('Go')
  await playground.until('complete')
  const { reply } = playground
  expect(await reply.locator('h3').textContent()).toBe('Counting words')
  expect(await reply.locator('pre code').textContent()).toContain('function countWords')
  expect(await reply.locator('table tr').count()).toBe(4)
  expect(await reply.locator('ol > li').count()).toBe(3)
})

test.each([
  'openai-chat',
  'openai-responses',
  'anthropic',
  'gemini',
  'ollama',
  'cohere',
  'bedrock',
])('reasoning is folded above the text: %s', async (dialect) => {
  await playground.simulate({ script: 'reasoning', dialect })
  // Not every format has a word for how much is thought.
  await playground.page.selectOption('#effort', /cohere|bedrock/.test(dialect) ? '' : 'low')
  await playground.send('Go')
  await playground.until('complete')
  const text = playground.reply.locator('.reasoning-text')
  expect(await text.isVisible()).toBe(false)
  await playground.reply.locator('summary').press('Enter')
  expect(await text.isVisible()).toBe(true)
  expect(await text.textContent()).toContain('Five times four is twenty')
  const [above, below] = await Promise.all([
    text.boundingBox(),
    playground.reply.locator('.markdown').boundingBox(),
  ])
  expect(above?.y).toBeLessThan(below?.y ?? 0)
})

test.each(['openai-chat', 'anthropic'])(
  'tools are called, answered, and it goes on: %s',
  async (dialect) => {
    await playground.simulate({ script: 'tools', dialect, pace: 'slow' })
    await playground.page.selectOption('#effort', 'low')
    for (const tool of ['get_weather', 'get_time']) {
      await playground.page.getByRole('checkbox', { name: tool }).check()
    }
    await playground.send('Weather and time in Oslo?')
    // Looked for at each frame: a busy machine shows it for a few only.
    await playground.page.waitForFunction(() => document.querySelector('.call[data-state=forming]'))
    await playground.until('complete')
    await playground.simulate({})
    expect(await playground.reply.locator('.call[data-state=complete]').count()).toBe(2)
    const boxes = playground.page.getByRole('form', { name: 'Results of the tools' })
    await boxes.getByRole('textbox', { name: 'Result of get_weather' }).fill('It rains cats.')
    await boxes.getByRole('checkbox', { name: 'The tool has failed' }).last().check()
    await playground.begin(() => boxes.getByRole('button', { name: 'Send the results' }).click())
    await playground.until('complete')
    expect(await playground.page.getByRole('article').count()).toBe(2)
    const said = await playground.reply.locator('.markdown').textContent()
    expect(said).toContain('It rains cats.')
    // Chat Completions has no place for the failure of a tool.
    if (dialect === 'anthropic') expect(said).toContain('a failure')
  },
)

test('sources, a refusal, and a call that the token limit cut', async () => {
  await playground.simulate({ script: 'citations', dialect: 'anthropic' })
  await playground.send('Go')
  await playground.until('complete')
  const link = playground.reply.getByRole('link', { name: 'Red squirrels' })
  expect(await link.getAttribute('href')).toBe('https://example.com/squirrels')
  expect(await link.getAttribute('rel')).toContain('noopener')
  await playground.simulate({ script: 'refusal' })
  await playground.send('Go')
  await playground.until('complete')
  expect(await playground.reply.locator('.refusal').textContent()).toBe('I cannot help with that.')
  await playground.simulate({ script: 'length' })
  await playground.send('Go')
  await playground.until('complete')
  expect(await playground.reply.locator('.call-state').textContent()).toBe('cut off, not to be run')
  expect(await playground.reply.textContent()).toContain('reached its limit of tokens')
  expect(await playground.page.getByRole('form', { name: 'Results of the tools' }).count()).toBe(0)
})

test('the chain shows each stage, and a row in full by mouse and keyboard', async () => {
  const { page } = playground
  await playground.simulate({ script: 'prose', dialect: 'anthropic' })
  await playground.send('Go')
  await playground.until('complete')
  const count = async (pane: string): Promise<string | null> =>
    page.locator(`[data-pane=${pane}] .count`).textContent()
  expect(await count('bytes')).toMatch(/^[\d.,]+ k?B$/)
  expect(await count('json')).toBe(await count('sse'))
  const events = await playground.reply
    .locator('.facts div', { hasText: 'Events' })
    .first()
    .textContent()
  expect(events).toContain(`${await count('events')}`)
  expect((await playground.rows('Bytes')).at(-1)).toContain('complete')
  await playground.pane('Bytes').focus()
  await page.keyboard.press('Home')
  await expect.poll(() => playground.rows('Bytes')).toContainEqual(expect.stringContaining('POST'))
  expect((await playground.rows('SSE events')).join()).toContain('message_stop')
  expect((await playground.rows('JSON')).join()).toContain('message_delta')
  expect((await playground.rows('Chat events')).at(-1)).toContain('done')
  // Only what is in sight is in the page.
  expect((await playground.rows('Chat events')).length).toBeLessThan(60)

  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await playground.pane('Bytes').getByRole('option').first().click()
  const detail = page.getByRole('region', { name: /^Bytes: POST/ })
  expect(await detail.textContent()).toContain('"stream": true')
  await playground.pane('Chat events').focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.getByRole('region', { name: /^Chat events/ }).waitFor()
  const active = await playground.pane('Chat events').getAttribute('aria-activedescendant')
  expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true')
})

test('boundaries of chunks are shown, also within a character', async () => {
  await playground.page.selectOption('#speed', 'Infinity')
  const tape = playground.page.getByRole('button', { name: /Characters cut in two/ })
  await playground.begin(() => tape.click())
  await playground.until('complete')
  const pane = playground.pane('Bytes')
  await pane.focus()
  const isCut = (row: string): boolean => /⟨f0 9f|⟨[89a-f][0-9a-f]/.test(row)
  let found = false
  for (let page = 0; page < 100 && !found; page += 1) {
    found = (await playground.rows('Bytes')).some(isCut)
    await pane.press('PageUp')
  }
  expect(found).toBe(true)
  expect(await playground.reply.locator('.markdown').textContent()).toContain('👩‍👩‍👧‍👦')
})
