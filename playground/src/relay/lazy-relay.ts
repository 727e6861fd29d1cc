import type { ChatEventSource, ChatRequest, ChatStream, OpenContext, Provider } from 'ratatoskr'
import type { RelayProvider } from '@ratatoskr/relay/client'
import type { ConnectTo } from '../providers/connections.ts'

/** What {@link lazyRelay} is told. */
export interface LazyRelayOptions extends ConnectTo {
  /** Told of the reply's id before the request is sent. */
  onId?: (id: string) => void
  /** The reply that is continued, in place of one that is asked for. */
  resume?: string
  /** Told when the connection is lost before the reply's end, and when there is one again. */
  onLink?: (isUp: boolean) => void
  /** How often a lost connection is made again. Default: the client's own. */
  tries?: number
}

/** A relay as a provider, whose client is loaded when it is asked for the first time. */
export function lazyRelay(options: LazyRelayOptions): Provider {
  const { apiKey, baseURL = '', fetch, resume } = options
  const url = baseURL.replace(/\/+$/, '')
  return {
    name: 'relay',
    accepts: () => true,
    listing: { url: `${url}/v1/models`, headers: () => headersOf(apiKey), fetch },
    async open(request, context) {
      const client = await connect(options)
      return resume === undefined
        ? client.open(request, context)
        : continued(client, resume, request, context)
    },
  }
}

async function connect({ apiKey, baseURL, fetch, ...rest }: LazyRelayOptions) {
  const { relay } = await import('@ratatoskr/relay/client')
  const { onId, tries } = rest
  return relay({
    url: baseURL ?? '',
    headers: headersOf(apiKey),
    fetch,
    ...(onId && { onId }),
    ...(tries !== undefined && { reconnect: { limit: tries } }),
  })
}

/** A reply that runs at the relay, as one that the request has begun. */
async function continued(
  client: RelayProvider,
  id: string,
  { options: { collect, maxResponseBytes } }: ChatRequest,
  { signal }: OpenContext,
): Promise<ChatEventSource> {
  const stream: ChatStream = await client.resume(id, {
    signal,
    ...(collect !== undefined && { collect }),
    ...(maxResponseBytes !== undefined && { maxResponseBytes }),
  })
  const events = stream.values()
  return {
    requestId: id,
    async read(emit) {
      const { done, value } = await events.next()
      if (value) emit(value)
      return done !== true && value.type !== 'done'
    },
    cancel() {
      events.return().catch(() => {})
    },
  }
}

function headersOf(key: string): { [name: string]: string } {
  return key === '' ? {} : { authorization: `Bearer ${key}` }
}
