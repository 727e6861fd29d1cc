// The Worker of `npm run dev`: a simulated model answers in it, so that it needs neither key nor network.
import { relayObject, relayWorker } from '@ratatoskr/relay/cloudflare'
import { simulatorFetch } from '@ratatoskr/testkit'
import { relayOptions, type Env } from './relay-options.ts'

const fetch = simulatorFetch({ pace: { delay: 40 } })
const keys = {
  CLIENT_KEY: 'dev',
  OPENROUTER_API_KEY: 'simulated',
  SIGNING_KEY: 'of-no-worth-to-anybody',
}
const options = (env: Env) => relayOptions({ ...env, ...keys }, fetch)

export class Relay extends relayObject(options) {}
export default relayWorker(options)
