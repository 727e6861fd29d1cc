// Who takes part, and how.

/**
 * @typedef {object} Entry
 * @property {string} name as it stands in the tables
 * @property {string} [package] whose version is told; none is ours
 * @property {string} how it is used
 * @property {string} [timer] its own timer for a stalled reply, as its documentation names it
 * @property {string} file relative to this folder
 * @property {readonly import('../lib/types.ts').Wire[]} wires
 * @property {boolean} [framesOnly] it reads no further than the data of each event
 * @property {boolean} [giveNoCalls] it passes pieces of tool calls on, and says of none that it is complete
 */

const both = /** @type {const} */ (['openai-chat', 'anthropic'])
const chat = /** @type {const} */ (['openai-chat'])
const messages = /** @type {const} */ (['anthropic'])

/** @type {readonly Entry[]} */
export const contestants = [
  {
    name: 'ratatoskr',
    how: '`gateway.chatStream`, `for await`, then `response()`',
    timer: '`timeouts.idle`',
    file: 'ours/ratatoskr.mjs',
    wires: both,
  },
  {
    name: 'openai',
    package: 'openai',
    how: '`chat.completions.create({ stream: true })`, `for await`',
    timer: '`timeout`',
    file: 'peers/openai.mjs',
    wires: chat,
    giveNoCalls: true,
  },
  {
    name: 'openai-run-tools',
    package: 'openai',
    how: '`chat.completions.runTools({ stream: true })`, `for await`, then `finalChatCompletion()`',
    timer: '`timeout`',
    file: 'peers/openai-run-tools.mjs',
    wires: chat,
  },
  {
    name: 'anthropic-sdk',
    package: '@anthropic-ai/sdk',
    how: '`messages.create({ stream: true })`, `for await`',
    timer: '`timeout`',
    file: 'peers/anthropic-sdk.mjs',
    wires: messages,
    giveNoCalls: true,
  },
  {
    name: 'anthropic-sdk-stream',
    package: '@anthropic-ai/sdk',
    how: '`messages.stream`, `for await`, then `finalMessage()`',
    timer: '`timeout`',
    file: 'peers/anthropic-sdk-stream.mjs',
    wires: messages,
  },
  {
    name: 'ai-sdk',
    package: '@ai-sdk/openai',
    how: '`doStream`, `for await`; `@ai-sdk/anthropic` for Messages',
    file: 'peers/ai-sdk.mjs',
    wires: both,
  },
  {
    name: 'ai',
    package: 'ai',
    how: '`streamText().stream` over ai-sdk, `for await`, a tool with `execute`',
    timer: '`timeout.chunkMs`',
    file: 'peers/ai.mjs',
    wires: both,
  },
  {
    name: 'xsai',
    package: '@xsai/stream-text',
    how: '`streamText().fullStream`, `for await`, a tool with `execute`',
    file: 'peers/xsai.mjs',
    wires: chat,
  },
  {
    name: 'tanstack',
    package: '@tanstack/ai',
    how: '`chat` with the Chat Completions adapter of `@tanstack/ai-openai`, `for await`, a server tool',
    timer: '`timeout` of its adapter',
    file: 'peers/tanstack.mjs',
    wires: chat,
  },
  {
    name: 'langchain',
    package: '@langchain/openai',
    how: '`ChatOpenAI.bindTools().stream()`, `for await`, chunks joined by `concat`',
    timer: '`timeout` of the call, for the whole of it',
    file: 'peers/langchain.mjs',
    wires: chat,
  },
  {
    name: 'pi-ai',
    package: '@earendil-works/pi-ai',
    how: '`stream` of its APIs, `for await`, then `result()`',
    timer: '`timeoutMs`',
    file: 'peers/pi-ai.mjs',
    wires: both,
  },
  {
    name: 'SseDecoderStream',
    how: '`body.pipeThrough(new SseDecoderStream())`',
    file: 'ours/sse.mjs',
    wires: chat,
    framesOnly: true,
  },
  {
    name: 'eventsource-parser',
    package: 'eventsource-parser',
    how: '`body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())`',
    file: 'peers/eventsource-parser.mjs',
    wires: chat,
    framesOnly: true,
  },
  {
    name: 'fetch-event-source',
    package: '@microsoft/fetch-event-source',
    how: '`fetchEventSource` with an `onerror` that throws; `break` is an abort in `onmessage`, its only way',
    file: 'peers/fetch-event-source.mjs',
    wires: chat,
    framesOnly: true,
  },
]

/**
 * What opens a reply with a contestant.
 * @param {string} name
 * @param {string} wire
 * @returns {Promise<import('./types.ts').Open>}
 */
export async function contestantOf(name, wire) {
  const { file } = entryOf(name)
  // Not a literal: the peers are there only once they are installed.
  /** @type {import('./types.ts').Contestant} */
  const contestant = await import(new URL(file, import.meta.url).href)
  const open = wire === 'anthropic' ? contestant.anthropic : contestant.openaiChat
  if (!open) throw new Error(`${name} does not read ${wire}.`)
  return open
}

/** @param {string} name */
export function entryOf(name) {
  const entry = contestants.find((each) => each.name === name)
  if (entry) return entry
  throw new Error(
    `No contestant is named ${name}. There are ${contestants.map((each) => each.name).join(', ')}.`,
  )
}
