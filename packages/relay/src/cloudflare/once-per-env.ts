import { RatatoskrError } from 'ratatoskr'
import type { RelayOptions } from '../server/relay-options.ts'

/**
 * Makes something of a relay's options once for each environment: Cloudflare gives the same object to all requests of
 * an isolate. Throws with code `configuration` where the Worker and its objects could not trust each other.
 */
export function oncePerEnv<Env extends object, Made>(
  options: (env: Env) => RelayOptions,
  make: (options: RelayOptions) => Made,
): (env: Env) => Made {
  const made = new WeakMap<Env, { value: Made }>()
  return (env) => {
    const known = made.get(env)
    if (known) return known.value
    const given = options(env)
    if (given.signingKey === undefined) {
      throw new RatatoskrError(
        'configuration',
        'signingKey must be set, such as to a secret of the Worker: a reply is signed in its Durable Object, and checked elsewhere.',
      )
    }
    const value = make(given)
    made.set(env, { value })
    return value
  }
}
