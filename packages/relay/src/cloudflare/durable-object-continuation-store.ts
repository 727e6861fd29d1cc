import type { ContinuationStore } from '../server/continuation-store.ts'
import { askObject } from './ask-object.ts'
import { checkMilliseconds } from './check-milliseconds.ts'
import type { ObjectNamespace } from './platform.ts'

/** What {@link durableObjectContinuationStore} can be told. */
export interface DurableObjectContinuationStoreOptions {
  /** How long a value is kept, in milliseconds. Default: an hour. */
  keptMs?: number
}

/**
 * Keeps continuations for all machines, each under each of its calls in a Durable Object of its own, which forgets it by
 * itself: none is asked by many, and none grows. Throws with code `configuration` for a `keptMs` that is none.
 *
 * @param namespace The binding of a class of {@link relayObject}; the same as that of the replies will do.
 *
 * @example
 * ```ts
 * import { durableObjectContinuationStore, type ObjectNamespace } from '@ratatoskr/relay/cloudflare'
 *
 * const storeOf = (env: { RELAY: ObjectNamespace }) => durableObjectContinuationStore(env.RELAY)
 * ```
 */
export function durableObjectContinuationStore(
  namespace: ObjectNamespace,
  { keptMs = 3_600_000 }: DurableObjectContinuationStoreOptions = {},
): ContinuationStore {
  checkMilliseconds('keptMs', keptMs)
  const nameOf = (caller: string, key: string): string => `kept ${key} ${caller}`
  return {
    async put(caller, keys, value) {
      const message = { value, keptMs }
      await Promise.all(
        keys.map(async (key) => {
          const response = await askObject(namespace, nameOf(caller, key), 'kept/put', message)
          await response.body?.cancel()
        }),
      )
    },
    async get(caller, key) {
      const response = await askObject(namespace, nameOf(caller, key), 'kept/get')
      const value: unknown = await response.json()
      return typeof value === 'string' ? value : undefined
    },
  }
}
