// The Worker of `npm run dev`: a simulated model answers in it, so that it needs neither key nor network.
import { simulatorFetch } from '@ratatoskr/testkit'
import { chat, type Env } from './chat.ts'

const fetch = simulatorFetch({ pace: { delay: 40 } })

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    chat(request, { ...env, CLIENT_KEY: 'dev', OPENROUTER_API_KEY: 'simulated' }, fetch),
}
