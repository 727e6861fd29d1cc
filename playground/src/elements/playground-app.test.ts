import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import html from '../../index.html?raw'
import { find, mount, prepare, settled, text, until } from '../../test/mount.ts'
import { simulatedPage } from '../../test/simulated-page.ts'
import type { Page } from '../page.ts'
import type { ListedModels } from '../providers/list-models.ts'
import { PlaygroundApp } from './playground-app.ts'

beforeAll(prepare)
let page: Page
beforeEach(async () => {
  localStorage.clear()
  page = simulatedPage(sessionStorage)
  const app = new PlaygroundApp()
  app.page = page
  await mount(app)
})

const prompt = (): HTMLTextAreaElement => {
  const found = find('#prompt')
  if (found instanceof HTMLTextAreaElement) return found
  throw new Error('The prompt is no text area.')
}
const press = (target: EventTarget, key: string, more: KeyboardEventInit = {}): void => {
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  )
}
const button = (name: string): HTMLButtonElement => {
  const found = [...document.querySelectorAll('button')].find(
    ({ textContent }) => textContent.trim() === name,
  )
  if (found) return found
  throw new Error(`There is no button ${name}.`)
}
const stored = (storage: Storage): string =>
  Array.from({ length: storage.length }, (_, i) => storage.getItem(storage.key(i) ?? '')).join()
const lastState = (): string | undefined =>
  [...document.querySelectorAll<HTMLElement>('article')].at(-1)?.dataset['state']
const whenComplete = (): Promise<void> => until(() => expect(lastState()).toBe('complete'))
function choose(id: string, value: string): void {
  const select = find(`#${id}`)
  if (!(select instanceof HTMLSelectElement)) throw new Error(`#${id} is no select.`)
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}
function type(id: string, value: string): void {
  const field = find(`#${id}`)
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) {
    throw new Error(`#${id} is no field.`)
  }
  field.value = value
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

describe('the prompt', () => {
  test('is sent by Enter, and the reply streams', async () => {
    prompt().value = '  Hello  '
    press(prompt(), 'Enter')
    await settled()
    expect(prompt().value).toBe('')
    await whenComplete()
    expect(text('.said')).toBe('Hello')
    expect(text('.markdown')).toMatch(/^A squirrel lived/)
    expect(text('[role=status]')).toMatch(/^The reply is complete: \d+ words\./)
  })

  test.each([
    ['Shift and Enter', { shiftKey: true }],
    ['Enter that ends an input method’s choice', { isComposing: true }],
  ])('is not sent by %s', async (_, more) => {
    prompt().value = 'Hello'
    press(prompt(), 'Enter', more)
    await settled()
    expect(prompt().value).toBe('Hello')
    expect(page.conversation.turns).toEqual([])
  })

  test('that is empty is asked for', async () => {
    button('Send').click()
    await settled()
    expect(text('#prompt-hint')).toBe('Write a prompt first.')
    expect(page.conversation.turns).toEqual([])
  })

  test('stays where a setting is missing, and the page leads to it', async () => {
    choose('connection', 'openai')
    await settled()
    prompt().value = 'Hello'
    button('Send').click()
    await settled()
    expect(prompt().value).toBe('Hello')
    expect(text('#prompt-hint')).toBe('Enter a key for OpenAI.')
    expect(document.activeElement?.id).toBe('key')
    expect(find('main').dataset['view']).toBe('settings')
    type('key', 'sk-ok')
    await settled()
    expect(text('#prompt-hint')).toBe('')
  })

  test('leads to a figure that is none', async () => {
    type('temperature', 'warm')
    prompt().value = 'Hello'
    press(prompt(), 'Enter')
    await settled()
    expect(document.activeElement?.id).toBe('temperature')
    expect(page.conversation.turns).toEqual([])
  })
})

test.each([
  ['the button', () => button('Stop').click()],
  ['Escape', () => press(document, 'Escape')],
])('%s stops the reply, and keeps what had come', async (_, stop) => {
  page.settings.change({ simulation: { script: 'long', pace: 'fast', fault: 'none' } })
  prompt().value = 'Go on'
  press(prompt(), 'Enter')
  await until(() => expect(text('.markdown')).not.toBe(''))
  stop()
  await until(() => expect(lastState()).toBe('stopped'))
  expect(text('.markdown')).not.toBe('')
  expect(text('[role=status]')).toBe('Stopped. What had come is kept.')
  expect(button('Send').disabled).toBe(false)
})

test('a suggestion chooses its script and tools, and its calls can be answered', async () => {
  find('.suggestions li:last-child button').click()
  await until(() => expect(document.querySelector('rk-results form')).not.toBeNull())
  expect([...document.querySelectorAll('.call-head b')].map((one) => one.textContent)).toEqual([
    'get_weather',
    'get_time',
  ])
  await settled()
  const boxes = [...document.querySelectorAll('rk-results textarea')]
  expect(boxes.map((box) => (box instanceof HTMLTextAreaElement ? box.value : ''))).toEqual([
    expect.stringContaining('"place": "Oslo"'),
    expect.stringContaining('"zone": "Europe/Oslo"'),
  ])
  button('Send the results').click()
  await until(() => expect(document.querySelectorAll('article')).toHaveLength(2))
  await whenComplete()
  expect(document.querySelector('rk-results')).toBeNull()
  expect([...document.querySelectorAll('.markdown')].at(-1)?.textContent).toContain('Oslo')
  expect(text('.given')).toContain('get_weather')
})

test('a failure can be tried again', async () => {
  page.settings.change({ simulation: { script: 'prose', pace: 'instant', fault: 'cut' } })
  prompt().value = 'Hello'
  press(prompt(), 'Enter')
  await until(() => expect(lastState()).toBe('failed'))
  expect(text('.error h4')).toBe('The reply was cut off')
  page.settings.change({ simulation: { script: 'prose', pace: 'instant', fault: 'none' } })
  await settled()
  button('Try again').click()
  await whenComplete()
  expect(document.querySelectorAll('article')).toHaveLength(1)
})

test('the chain shows what passed, and a row in full', async () => {
  prompt().value = 'Hello'
  press(prompt(), 'Enter')
  await whenComplete()
  await settled()
  const counts = [...document.querySelectorAll('.pane')].map((pane) => text('.count', pane))
  const events = page.trace.events.total
  expect(counts[0]).toMatch(/kB$/)
  expect(counts.slice(1)).toEqual([
    page.trace.frames.total.toLocaleString('en'),
    page.trace.values.total.toLocaleString('en'),
    events.toLocaleString('en'),
  ])
  press(find('.log[aria-label="Chat events"]'), 'End')
  await settled()
  expect(text('#detail-title')).toBe('Chat events: done')
  expect(JSON.parse(text('.detail pre'))).toMatchObject({ type: 'done', finishReason: 'stop' })
  press(find('.log[aria-label="Bytes"]'), 'Home')
  await settled()
  expect(text('.detail pre')).toMatch(/^POST https:\/\/page\.test\/simulated\/prose/)
  button('Close').click()
  await settled()
  expect(document.querySelector('.detail')).toBeNull()
})

describe('the settings', () => {
  test('change what is asked', async () => {
    type('system', 'Be brief.')
    type('temperature', '0.5')
    type('max-tokens', '100')
    choose('effort', 'low')
    find('.tool input').click()
    await settled()
    expect(page.settings.chatOptions).toMatchObject({
      temperature: 0.5,
      maxTokens: 100,
      reasoning: { effort: 'low' },
      tools: [{ name: 'get_weather' }],
    })
    expect(page.settings.values.systemPrompt).toBe('Be brief.')
  })

  test('keep a key in memory, and in the tab only while that is asked for', async () => {
    choose('connection', 'openrouter')
    await settled()
    type('key', 'sk-secret')
    await settled()
    expect(page.settings.key).toBe('sk-secret')
    expect(stored(sessionStorage) + stored(localStorage)).not.toContain('sk-secret')
    find('.check input').click()
    expect(stored(sessionStorage)).toContain('sk-secret')
    find('.check input').click()
    expect(stored(sessionStorage)).not.toContain('sk-secret')
    expect(find('#key').getAttribute('type')).toBe('password')
    button('Show').click()
    await settled()
    expect(find('#key').getAttribute('type')).toBe('text')
  })

  test('show the fields that a provider needs', async () => {
    const fields = (): string[] =>
      [...document.querySelectorAll('fieldset:first-of-type .field label')].map((label) =>
        label.textContent.trim(),
      )
    expect(fields()).toEqual(['Provider', 'What it says', 'Pace', 'What goes wrong', 'Wire format'])
    choose('connection', 'ollama')
    await settled()
    expect(fields()).toEqual(['Provider', 'Model', 'Base URL'])
    choose('connection', 'custom')
    await settled()
    expect(fields()).toEqual(['Provider', 'API key', 'Model', 'Base URL'])
    choose('connection', 'relay')
    await settled()
    expect(fields()).toEqual(['Provider', 'API key', 'Model', 'Base URL'])
  })
})

test('the relay of the page’s own server needs nothing, lists its models, and says what it does', async () => {
  const own = simulatedPage(sessionStorage, undefined, 'https://page.test/relay')
  own.listModels = () => Promise.resolve({ ids: ['openai:gpt-5', 'simulated:squirrel-1'] })
  const app = new PlaygroundApp()
  app.page = own
  await mount(app)
  find('#connection').focus()
  choose('connection', 'relay')
  await until(() => expect(document.getElementById('listed')).not.toBeNull())
  expect(document.activeElement?.id).toBe('connection')
  expect(document.getElementById('key')).toBeNull()
  expect(own.settings.problem).toBeUndefined()
  expect(text('.empty p')).toContain('This page’s own server asks the provider')
  expect(find('#base-url').getAttribute('placeholder')).toBe('https://page.test/relay')
  expect(document.getElementById('script')).not.toBeNull()
  choose('listed', 'openai:gpt-5')
  await settled()
  expect(document.getElementById('script')).toBeNull()
  type('base-url', 'https://other.test')
  await settled()
  expect(document.getElementById('key')).not.toBeNull()
})

test('a tape of the gallery plays, and the next prompt knows nothing of it', async () => {
  page.conversation.speed = Infinity
  find('[data-tape=anthropic]').click()
  await whenComplete()
  expect(text('.turn.tape')).toBe('Tape: Signed thinking and two calls')
  expect(document.querySelectorAll('.call')).toHaveLength(2)
  expect(document.querySelector('rk-results')).toBeNull()
})

test('a broken tape is refused with a sentence', async () => {
  const dropped = new Event('drop', { bubbles: true, cancelable: true })
  const files = [new File(['{"tape":1}'], 'mine.tape.json')]
  Object.defineProperty(dropped, 'dataTransfer', { value: { files, types: ['Files'] } })
  document.dispatchEvent(dropped)
  await until(() => expect(text('.tapes .problem')).toMatch(/^mine\.tape\.json: /))
  expect(page.conversation.turns).toEqual([])
})

test('the theme is the system’s until it is chosen, and is kept', async () => {
  const theme = find('.theme')
  expect(text('.theme')).toBe('System theme')
  theme.click()
  await settled()
  expect([text('.theme'), document.documentElement.dataset['theme']]).toEqual([
    'Light theme',
    'light',
  ])
  theme.click()
  await settled()
  const next = new PlaygroundApp()
  next.page = page
  await mount(next)
  expect(document.documentElement.dataset['theme']).toBe('dark')
})

test('the page has no inline script or style, and forbids them', () => {
  expect(html.match(/<script[^>]*>[^<]*<\/script>/g)).toEqual([
    '<script type="module" src="/src/main.ts"></script>',
  ])
  expect(html).not.toMatch(/<style|\s(?:style|on\w+)=/)
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? ''
  expect(policy).toMatch(/default-src 'none';\s+script-src 'self';\s+style-src 'self';/)
  expect(policy).toContain("connect-src 'self' https: http://localhost:* http://127.0.0.1:*;")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toContain('unsafe')
})

test.each([
  ['openai-chat', 'SSE events', 'SseDecoderStream'],
  ['ollama', 'Lines', 'NdjsonDecoderStream'],
  ['bedrock', 'Messages', 'AwsEventStreamDecoder'],
])('the chain names the stages of %s', async (dialect, title, stage) => {
  choose('dialect', dialect)
  void page.conversation.send('Hello')
  await whenComplete()
  await until(() => expect(text('[data-pane=sse] .pane-head')).toContain(`${stage} ${title}`))
  expect(find('[data-pane=sse] .log').getAttribute('aria-label')).toBe(title)
})

test('the browser’s own model has no address and no key', async () => {
  choose('connection', 'browser')
  await settled()
  for (const id of ['key', 'base-url', 'model']) expect(document.getElementById(id)).toBeNull()
  expect(text('.settings fieldset .hint')).toContain('Chrome')
})

test('models are chosen from those that the provider lists', async () => {
  const listed: ListedModels[] = [
    { ids: ['acorn', 'beech'] },
    { ids: [], problem: 'No connection.' },
    { ids: ['only'] },
  ]
  page.listModels = () => Promise.resolve(listed.shift() ?? { ids: [] })
  choose('connection', 'lmstudio')
  await settled()
  button('List').click()
  await settled()
  expect(page.settings.model).toBe('')
  expect(document.activeElement?.id).toBe('listed')
  choose('listed', 'beech')
  await settled()
  expect([page.settings.model, find('#model')]).toEqual([
    'beech',
    expect.objectContaining({ value: 'beech' }),
  ])
  button('List').click()
  await settled()
  expect(text('.settings .problem')).toBe('No connection.')
  expect(document.getElementById('listed')).toBeNull()
  button('List').click()
  await settled()
  expect(page.settings.model).toBe('only')
})
