import { createGateway, isRatatoskrError, user } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'

const form = find('form', HTMLFormElement)
const reply = find('#reply', HTMLElement)
const status = find('#status', HTMLElement)
const ask = find('button[type=submit]', HTMLButtonElement)
const stop = find('button[name=stop]', HTMLButtonElement)
const baseURL = find('input[name=baseURL]', HTMLInputElement)
const apiKey = find('input[name=apiKey]', HTMLInputElement)

// The simulated provider of vite.config.ts is there where the page is served from this machine.
if (['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)) {
  baseURL.value = new URL('/simulated/v1', location.href).href
  apiKey.value = 'simulated'
} else {
  baseURL.value = 'https://openrouter.ai/api/v1'
}

let stopping = new AbortController()
stop.addEventListener('click', () => stopping.abort())
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void answer(new FormData(form))
})

async function answer(asked: FormData): Promise<void> {
  const field = (name: string): string => {
    const value = asked.get(name)
    return typeof value === 'string' ? value : ''
  }
  stopping = new AbortController()
  busy(true)
  reply.textContent = ''
  status.textContent = ''
  try {
    // The key stays in the page: it belongs to whoever types it. A key of your own belongs on a server.
    const provider = openrouter({ apiKey: field('apiKey'), baseURL: field('baseURL') })
    const stream = await createGateway({ providers: [provider] }).chatStream(
      [user(field('question'))],
      { model: field('model'), signal: stopping.signal },
    )
    for await (const event of stream) if (event.type === 'content') reply.append(event.text)
    const { finishReason, usage } = await stream.response()
    status.textContent = `${finishReason}${usage ? `, ${usage.totalTokens} tokens` : ''}`
  } catch (error) {
    if (stopping.signal.aborted) status.textContent = 'Stopped'
    else if (isRatatoskrError(error)) status.textContent = `${error.code}: ${error.message}`
    else throw error
  } finally {
    busy(false)
  }
}

function busy(isBusy: boolean): void {
  ask.disabled = isBusy
  stop.disabled = !isBusy
  reply.setAttribute('aria-busy', String(isBusy))
}

function find<Found extends Element>(selector: string, type: new () => Found): Found {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}.`)
  return found
}
