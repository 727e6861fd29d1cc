import { relayObject, relayWorker } from '@ratatoskr/relay/cloudflare'
import { relayOptions, type Env } from './relay-options.ts'

const options = (env: Env) => relayOptions(env)

export class Relay extends relayObject(options) {}
export default relayWorker(options)
