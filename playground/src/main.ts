import { defineElements } from './elements/define.ts'
import { PlaygroundApp } from './elements/playground-app.ts'
import { Page } from './page.ts'
import type { Fetch } from './chain/staged-provider.ts'
import { fetchServerKeys } from './providers/server-keys.ts'
import { simulationAt } from './simulated/simulation.ts'
import { kit } from './tapes/kit.ts'

const overNetwork: Fetch = (url, init) => fetch(url, init)
let inPage: Promise<Fetch> | undefined

/** The dev server has the simulated provider at real addresses; the static build brings its own. */
const simulated = (): Promise<Fetch> => {
  if (import.meta.env.DEV) return Promise.resolve(overNetwork)
  inPage ??= kit().then(({ simulatorFetch }) =>
    simulatorFetch((request) => simulationAt(request.url)),
  )
  return inPage
}

/** The dev server's. */
const relay = import.meta.env.DEV ? `${location.origin}/relay` : undefined
const { origin } = location
const page = new Page({ origin, fetch: overNetwork, simulated, relay }, sessionStorage)
if (import.meta.env.DEV) {
  void fetchServerKeys().then((keys) => {
    page.settings.serverKeys = keys
  })
}

defineElements()
const app = new PlaygroundApp()
app.page = page
document.body.prepend(app)
void page.conversation.resume()
// What the first prompt needs, while it is being written.
void kit().catch(() => {})
