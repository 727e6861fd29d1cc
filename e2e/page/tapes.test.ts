// Tapes: saved, opened again, dropped, and played at their own pace.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { forEachTest } from './for-each-test.ts'
import type { Playground } from './playground.ts'

let playground: Playground
forEachTest((opened) => {
  playground = opened
})

async function saved(): Promise<Buffer> {
  const download = playground.page.waitForEvent('download')
  await playground.button('Save as tape').click()
  return readFile(await (await download).path())
}

/** Drops a file on the page, as from a folder of the desktop. */
async function drop(name: string, content: string): Promise<void> {
  await playground.page.evaluate(
    ([fileName, text]) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([text], fileName, { type: 'application/json' }))
      const event = { bubbles: true, cancelable: true, dataTransfer }
      document.body.dispatchEvent(new DragEvent('dragover', event))
      document.body.dispatchEvent(new DragEvent('drop', event))
    },
    [name, content] as const,
  )
}

test('the last reply is saved, and plays again as it was', async () => {
  const { page } = playground
  await playground.simulate({ script: 'unicode', dialect: 'anthropic' })
  await playground.send('Go')
  await playground.until('complete')
  const said = await playground.reply.locator('.markdown').textContent()
  const tape = await saved()
  expect(await page.locator('.notice').textContent()).toBe('The tape was saved.')
  await page.selectOption('#speed', 'Infinity')
  await playground.begin(() =>
    page.setInputFiles('#tape-file', {
      name: 'mine.json',
      mimeType: 'application/json',
      buffer: tape,
    }),
  )
  await playground.until('complete')
  expect(await playground.reply.locator('.markdown').textContent()).toBe(said)
  expect(await page.locator('.turn.tape').textContent()).toContain('mine.json')
  await playground.begin(() => drop('dropped.json', tape.toString()))
  await playground.until('complete')
  expect(await playground.reply.locator('.markdown').textContent()).toBe(said)
})

test('what was stopped is saved as far as it came', async () => {
  await playground.simulate({ script: 'long', pace: 'fast' })
  await playground.send('Go')
  await playground.page.waitForFunction(
    () => (document.querySelector('.markdown')?.textContent.length ?? 0) > 50,
  )
  await playground.button('Stop').click()
  await playground.until('stopped')
  const tape: unknown = JSON.parse((await saved()).toString())
  expect(tape).toMatchObject({ tape: 1, end: { how: 'abort' } })
})

test('a tape of the gallery at its own pace can be stopped, and be played faster', async () => {
  const { page } = playground
  const cut = page.getByRole('button', { name: /Cut off in the middle/ })
  const reasoning = page.getByRole('button', { name: /Reasoning, then a tool call/ })
  await playground.begin(() => reasoning.click())
  await playground.until('streaming')
  await page.keyboard.press('Escape')
  await playground.until('stopped')
  await page.selectOption('#speed', '20')
  await playground.begin(() => cut.click())
  await playground.until('failed')
  expect(await playground.reply.locator('.error h4').textContent()).toBe('The reply was cut off')
  expect(await playground.reply.locator('.call-state').textContent()).toBe('cut off, not to be run')
})

test.each([
  ['text', 'no JSON'],
  ['another JSON', '{"a":1}'],
  ['nothing', ''],
  ['hostile', '{"tape":1,"__proto__":{"x":1},"chunks":"<img src=x onerror=alert(1)>"}'],
])('a file that holds %s is refused with a sentence', async (_, content) => {
  await drop('broken.json', content)
  const problem = playground.page.locator('.tapes .problem')
  await expect.poll(() => problem.textContent()).toMatch(/^broken\.json: \w.*\.$/)
  expect(await playground.page.getByRole('article').count()).toBe(0)
})

test.each([
  { width: 1280, height: 700 },
  { width: 390, height: 700 },
])('a refusal is in sight wherever the file was dropped: $width', async (size) => {
  const { page } = playground
  await page.setViewportSize(size)
  await drop('broken.json', 'no JSON')
  const problem = page.locator('.tapes .problem')
  await problem.waitFor()
  await expect
    .poll(async () => {
      const box = await problem.boundingBox()
      return box !== null && box.y >= 0 && box.y + box.height <= size.height
    })
    .toBe(true)
})
