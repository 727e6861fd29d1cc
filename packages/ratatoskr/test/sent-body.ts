import { user, type Message } from '../src/message.ts'
import type { ChatOptions } from '../src/options.ts'
import type { Provider } from '../src/provider.ts'
import type { Fetch } from '../src/transport/connect.ts'
import { recordingFetch } from './recording-fetch.ts'

/** Makes a provider that uses a given `fetch`. */
export type MakeProvider = (fetch: Fetch) => Provider

/** The JSON that goes over the wire to a provider for a request. */
export async function sentBody(
  make: MakeProvider,
  options: Omit<ChatOptions, 'model'> = {},
  messages: readonly Message[] = [user('Hello')],
): Promise<{ [field: string]: unknown }> {
  const { fetch, calls } = recordingFetch()
  const model = 'm'
  await make(fetch).open(
    { model, messages, options: { ...options, model } },
    {
      signal: new AbortController().signal,
      timeouts: { headers: false, firstEvent: false, idle: false },
      callId: String,
    },
  )
  const [call] = calls
  if (call === undefined || calls.length !== 1) throw new Error(`${calls.length} calls`)
  return call.body
}
