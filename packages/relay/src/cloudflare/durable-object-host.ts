import type { StreamHost } from '../chat/stream-host.ts'
import { askObject } from './ask-object.ts'
import { observedBody } from './observed-body.ts'
import type { ObjectNamespace } from './platform.ts'
import { attachedHeader } from './stream-object.ts'

/**
 * Replies that run each in a Durable Object of its own, which is named by the caller and the reply's id: a client that
 * comes back finds its reply from wherever it comes, and whichever machine answers it. The objects are those
 * of {@link relayObject}.
 *
 * @param namespace The binding of the class.
 *
 * @example
 * ```ts
 * import { durableObjectHost, type ObjectNamespace } from '@ratatoskr/relay/cloudflare'
 *
 * const hostOf = (env: { RELAY: ObjectNamespace }) => durableObjectHost(env.RELAY)
 * ```
 */
export function durableObjectHost(namespace: ObjectNamespace): StreamHost {
  const nameOf = (key: string): string => `stream ${key}`
  return {
    async open(key, { after, start, observer, signal }) {
      const { fingerprint, asked } = start ?? {}
      const message = { after, ...(start && { start: { key, fingerprint, asked } }) }
      const response = await askObject(namespace, nameOf(key), 'stream/open', message)
      if (response.headers.has(attachedHeader)) observer?.attached()
      return observedBody(response.body ?? new ReadableStream(), observer, signal)
    },
    async stop(key) {
      const response = await askObject(namespace, nameOf(key), 'stream/stop')
      return (await response.json()) === true
    },
  }
}
