import type { AssistantMessage, ChatEvent, Continuation, Message, ToolCall } from 'ratatoskr'
import { is, looseObject, string, unknown } from 'valibot'
import type { Caller } from '../caller.ts'
import { hex } from '../wire/hex.ts'
import { canonicalJson } from './canonical-json.ts'
import type { ContinuationStore } from './continuation-store.ts'

/** Characters of JSON; of the calls as well as of the continuation. */
const largest = 2 ** 20

const sentContinuation = looseObject({ dialect: string(), data: unknown() })

/**
 * Makes a function that looks at each event of a reply, and keeps what the provider wants back under each of the
 * reply's calls: the next turn names them. It resolves when it is kept.
 */
export function keepContinuation(
  store: ContinuationStore,
  caller: Caller,
): (event: ChatEvent) => Promise<void> | undefined {
  const calls = new Map<number, ToolCall>()
  const ended: ToolCall[] = []
  let size = 0
  return (event) => {
    if (event.type === 'tool_call_start') {
      const { index, id, name, kind } = event
      calls.set(index, { id, name, arguments: '', ...(kind && { kind }) })
    } else if (event.type === 'tool_call_delta') {
      const call = calls.get(event.index)
      size += event.arguments.length
      if (call && size <= largest) call.arguments += event.arguments
    } else if (event.type === 'tool_call_end') {
      const call = calls.get(event.index)
      if (call) ended.push(call)
    } else if (event.type === 'done' && event.continuation && size <= largest) {
      return keep(store, caller, ended, event.continuation)
    }
    return undefined
  }
}

async function keep(
  store: ContinuationStore,
  caller: Caller,
  calls: readonly ToolCall[],
  continuation: Continuation,
): Promise<void> {
  const value = JSON.stringify(continuation)
  if (!calls[0] || value.length > largest) return
  const keys = await Promise.all(calls.map(keyOf))
  try {
    await store.put(caller.id, keys, value)
  } catch {
    // The reply is worth more than what the next one would have had.
  }
}

/** The messages, those with calls with what was kept under them. What a client has sent itself stays where nothing was. */
export function putContinuationsBack(
  store: ContinuationStore,
  caller: Caller,
  messages: readonly Message[],
): Promise<Message[]> {
  return Promise.all(
    messages.map(async (message) => {
      if (message.role !== 'assistant') return message
      const continuation = await find(store, caller, message)
      return continuation ? { ...message, continuation } : message
    }),
  )
}

async function find(
  store: ContinuationStore,
  caller: Caller,
  { toolCalls = [] }: AssistantMessage,
): Promise<Continuation | undefined> {
  for (const call of toolCalls) {
    const text = await valueOf(store, caller, await keyOf(call))
    if (text === undefined) continue
    const value: unknown = JSON.parse(text)
    if (is(sentContinuation, value)) return { dialect: value.dialect, data: value.data }
  }
  return undefined
}

async function valueOf(
  store: ContinuationStore,
  caller: Caller,
  key: string,
): Promise<string | undefined> {
  try {
    return await store.get(caller.id, key)
  } catch {
    // As if it had been forgotten, which the provider tells where it matters.
    return undefined
  }
}

/**
 * Of the whole call, not of its id alone: some hosts count their calls from 0 in every reply, and what belongs to one
 * reply must not get into another.
 */
async function keyOf({ id, name, arguments: text, kind }: ToolCall): Promise<string> {
  const call = JSON.stringify([id, name, kind === 'custom' ? asObject(text) : canonical(text)])
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(call))
  return hex(hash)
}

/** As Anthropic's protocol carries free text. */
function asObject(text: string): string {
  return canonicalJson({ input: text })
}

/** Clients parse arguments, and write them in their own way. */
function canonical(text: string): string {
  try {
    return canonicalJson(JSON.parse(text.trim() || '{}'))
  } catch {
    return text
  }
}
