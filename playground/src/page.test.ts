import { simulatorFetch, stringifyTape } from '@ratatoskr/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { simulatedPage } from '../test/simulated-page.ts'
import { until } from '../test/mount.ts'
import { Page } from './page.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('a reply is saved as a file, and the file plays', async () => {
  const page = simulatedPage()
  await page.saveTape()
  await page.conversation.send('Hello')
  const saved: Blob[] = []
  const names: string[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    if (blob instanceof Blob) saved.push(blob)
    return 'blob:saved'
  })
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download)
  })
  await page.saveTape()
  expect(names).toEqual([expect.stringMatching(/^reply-\d{4}-\d\d-\d\dT[\d-]{8}\.tape\.json$/)])
  expect(page.conversation.notice).toBe('The tape was saved.')
  const said = page.conversation.lastReply?.content.toString()
  page.conversation.speed = Infinity
  const [blob] = saved
  if (blob === undefined) throw new Error('Nothing was saved.')
  expect(await page.playFile(new File([await blob.text()], 'mine.json'))).toBeUndefined()
  await until(() => expect(page.conversation.isRunning).toBe(false))
  expect(page.conversation.turns.at(-2)).toMatchObject({ kind: 'tape', title: 'mine.json' })
  expect(page.conversation.lastReply?.content.toString()).toBe(said)
})

test.each([
  ['', /^broken\.json: /],
  ['no JSON', /^broken\.json: /],
  ['{"tape":2}', /^broken\.json: /],
  ['[]', /^broken\.json: /],
  ['null', /^broken\.json: /],
])('a file that is no tape is refused: %s', async (content, problem) => {
  const page = simulatedPage()
  expect(await page.playFile(new File([content], 'broken.json'))).toMatch(problem)
  expect(page.conversation.turns).toEqual([])
})

test('a file that is too large is not read', async () => {
  const file = new File([''], 'huge.json')
  Object.defineProperty(file, 'size', { value: 65 * 1024 * 1024 })
  const read = vi.spyOn(file, 'text')
  expect(await simulatedPage().playFile(file)).toBe(
    'huge.json is too large for a tape (64 MB at most).',
  )
  expect(read).not.toHaveBeenCalled()
})

test('a tape of the gallery plays under its title', async () => {
  const page = simulatedPage()
  page.conversation.speed = Infinity
  await page.playFromGallery('anthropic')
  await page.playFromGallery('no such tape')
  expect(page.conversation.turns).toMatchObject([
    { kind: 'tape', title: 'Signed thinking and two calls' },
    { kind: 'reply' },
  ])
})

test('a key is sent to the provider, and stands nowhere else', async () => {
  const asked: { url: string; authorization: string | null }[] = []
  const answer = simulatorFetch({ script: [{ text: 'Your key is sk-secret-42.' }] })
  const page = new Page({
    origin: 'https://page.test',
    simulated: () => Promise.reject(new Error('not asked')),
    fetch: (url, init) => {
      asked.push({ url, authorization: new Headers(init?.headers).get('authorization') })
      return answer(url, init)
    },
  })
  page.settings.change({ connection: 'openai' })
  page.settings.key = '  sk-secret-42 '
  await page.conversation.send('Hello')
  expect(page.conversation.lastReply?.state).toBe('complete')
  expect(asked).toEqual([
    {
      url: 'https://api.openai.com/v1/chat/completions',
      authorization: 'Bearer sk-secret-42',
    },
  ])
  const { transfers } = page.trace
  const sent = Array.from({ length: transfers.total }, (_, i) => transfers.at(i)?.item)
  const headers = sent.filter((item) => item?.kind === 'request' || item?.kind === 'response')
  expect(headers).toHaveLength(2)
  expect(JSON.stringify(headers)).not.toContain('sk-secret')
  const { tape } = page.conversation
  if (tape === undefined) throw new Error('There is no tape.')
  expect(stringifyTape(tape)).not.toContain('sk-secret')
})
