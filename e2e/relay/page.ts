// The page that the tests drive: it asks a relay on another origin, and says what it has.
import { createGateway, isRatatoskrError, user, type ChatStream } from 'ratatoskr'
import { relay } from '@ratatoskr/relay/client'

const counts = { reads: 0 }
const state = { text: '', events: 0, ended: '', id: sessionStorage.getItem('reply') ?? '' }

const provider = relay({
  url: new URLSearchParams(location.search).get('relay') ?? '',
  headers: { authorization: 'Bearer ann' },
  reconnect: { maxDelay: 1000, limit: 20 },
  onId: (id) => {
    state.id = id
    sessionStorage.setItem('reply', id)
  },
  // Counts how often its body is read.
  async fetch(url, init) {
    const response = await fetch(url, init)
    const reader = response.body?.getReader()
    if (!response.ok || !reader) return response
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          counts.reads += 1
          const { value } = await reader.read()
          if (value) controller.enqueue(value)
          else controller.close()
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
    return new Response(body, response)
  },
})
const gateway = createGateway({ providers: [provider] })

async function follow(asked: Promise<ChatStream>, most = Infinity): Promise<void> {
  try {
    // WebKit iterates over no plain stream, but over this one.
    for await (const event of await asked) {
      state.events += 1
      if (event.type === 'content') state.text += event.text
      if (event.type === 'done') state.ended = 'done'
      if (state.events >= most) await new Promise(() => {})
    }
    state.ended ||= 'given up'
  } catch (error) {
    state.ended = isRatatoskrError(error) ? `${error.code}: ${error.message}` : String(error)
  }
}

let controller: AbortController | undefined

const page = {
  /** Asks, and reads all events, or so many. */
  begin(most?: number): void {
    controller = new AbortController()
    const options = { model: 'vendor/model', signal: controller.signal }
    void follow(gateway.chatStream([user('Hi')], options), most)
  },
  resume(): void {
    void follow(provider.resume(state.id))
  },
  stop(): void {
    controller?.abort(new Error('Stopped.'))
  },
  /** Tells the document that its tab was hidden, or is shown again. */
  setHidden(hidden: boolean): void {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  },
  state: () => JSON.stringify({ ...state, ...counts }),
}
Object.assign(globalThis, { page })
