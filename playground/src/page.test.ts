import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { beforeEach, expect, test, vi } from 'vitest'
import fixture from '../../examples/fixtures/reply.sse?raw'
import html from '../index.html?raw'
import { startPage } from './page.ts'
import { recordedFetch } from './recorded-fetch.ts'

beforeEach(() => {
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? ''
})

test('Start streams the reply into the page', async () => {
  load(fixture, 0)
  element('start').click()
  expect(element('start').matches(':disabled')).toBe(true)
  await until(() => expect(text('status')).toBe('Complete: tool_calls.'))
  expect(text('reasoning')).toMatch(/^The question has two halves\./)
  expect(text('content')).toMatch(/^Ratatoskr is the squirrel 🐿️ .* ラタトスク, .* 🌳…$/s)
  expect(text('calls')).toBe(
    'get_weather{"place":"Yggdrasil, crown","units":"celsius","hours":[6,12,18]}',
  )
  expect(element('calls').querySelectorAll('.complete')).toHaveLength(1)
  expect(text('tokens')).toBe('200 (58 + 142)')
  expect(element('start').matches(':disabled')).toBe(false)

  const whole = text('content')
  element('start').click()
  expect(text('content')).toBe('')
  await until(() => expect(text('status')).toBe('Complete: tool_calls.'))
  expect(text('content')).toBe(whole)
})

test.each([
  ['the Stop button', () => element('stop').click()],
  ['the Escape key', () => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))],
])('%s ends it, and keeps the text', async (_, stop) => {
  load(fixture, 4)
  element('start').focus()
  element('start').click()
  expect(document.activeElement).toBe(element('stop'))
  await until(() => expect(text('content')).toContain('squirrel'))
  stop()
  await until(() => expect(text('status')).toBe('Stopped. What had come stays.'))
  expect(text('content')).toContain('squirrel')
  expect(text('content')).not.toContain('🌳')
  expect(document.activeElement).toBe(element('start'))
  expect(element('stop').matches(':disabled')).toBe(true)
})

test('a reply that is cut off says so, and keeps the text', async () => {
  load(fixture.slice(0, fixture.indexOf('ラタ')), 0)
  element('start').click()
  await until(() => expect(text('status')).toMatch(/^Failed \(truncated\): /))
  expect(text('content')).toMatch(/is written$/)
})

test('the page has no inline script or style, and forbids them', () => {
  expect(html.match(/<script[^>]*>[^<]*<\/script>/g)).toEqual([
    '<script type="module" src="/src/main.ts"></script>',
  ])
  expect(html).not.toMatch(/<style|\s(?:style|on\w+)=/)
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1]
  expect(policy).toMatch(/default-src 'none';\s+script-src 'self';\s+style-src 'self';/)
  expect(policy).not.toContain('unsafe')
})

/** A loaded machine takes its time. */
function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 5000, interval: 10 })
}

function load(recording: string, pause: number): void {
  const fetch = recordedFetch(() => Promise.resolve(new Blob([recording]).stream()), pause)
  const provider = openaiCompatible({ name: 'recording', baseURL: 'https://example.com', fetch })
  startPage(createGateway({ providers: [provider] }))
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`no #${id}`)
  return found
}

function text(id: string): string {
  return element(id).textContent
}
