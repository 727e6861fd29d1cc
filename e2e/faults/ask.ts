import { createGateway, isRatatoskrError, user } from 'ratatoskr'
import type { ChatEvent, ChatOptions, GatewayOptions, Provider, RatatoskrError } from 'ratatoskr'
import type { HttpProviderOptions } from 'ratatoskr/openai-compatible'
import type { FaultServer } from './fault-server.ts'
import type { Outcome } from './rows/fault.ts'

/** What a reader has got, and how it ended. */
export interface Reading {
  outcome: Outcome
  events: ChatEvent[]
  error?: RatatoskrError
}

/** How {@link ask} asks. */
export interface AskOptions extends Omit<GatewayOptions, 'providers'> {
  options?: Partial<ChatOptions>
}

type Fetch = NonNullable<HttpProviderOptions['fetch']>

/** A `fetch` that goes to the server, whatever address the provider has. */
export function fetchFrom(server: { readonly url: string }): Fetch {
  return (url, init) => fetch(server.url + new URL(url).pathname, init)
}

/** Asks for a reply and reads it to its end. */
export async function ask(
  provider: Provider,
  server: FaultServer,
  { options, ...gatewayOptions }: AskOptions,
): Promise<Reading> {
  const gateway = createGateway({ providers: [provider], ...gatewayOptions })
  const events: ChatEvent[] = []
  let place: 'opening' | 'reading' = 'opening'
  try {
    const stream = await gateway.chatStream([user('Hello')], { model: 'squirrel', ...options })
    place = 'reading'
    for await (const event of stream) {
      if (event.type !== 'provider') events.push(event)
      server.tell()
    }
    return { outcome: 'done', events }
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { outcome: `${place} ${error.code}`, events, error }
  }
}
