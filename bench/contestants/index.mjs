// Who takes part.

/**
 * @typedef {object} Entry
 * @property {string} name as it stands in the tables, and is chosen by `--peers`
 * @property {string} [package] whose version the report tells
 * @property {string} what its part in the tables
 * @property {string} file relative to this folder
 * @property {readonly import('../lib/types.ts').Wire[]} wires
 * @property {boolean} [framesOnly] it reads no further than the data of each event
 * @property {boolean} [ours]
 */

const both = /** @type {const} */ (['openai-chat', 'anthropic'])
const chat = /** @type {const} */ (['openai-chat'])
const messages = /** @type {const} */ (['anthropic'])

/** What all others are measured by. */
export const floor = 'floor'
/** The floor once more, in a process of its own: how far it is from the first tells of the machine's noise. */
export const control = 'floor, again'

/** @type {readonly Entry[]} */
export const contestants = [
  {
    name: floor,
    what: 'a bare loop: read, decode, split, JSON.parse',
    file: 'floor.mjs',
    wires: both,
    ours: true,
  },
  {
    name: 'ratatoskr',
    what: 'gateway, `for await`',
    file: 'ratatoskr.mjs',
    wires: both,
    ours: true,
  },
  {
    name: 'ratatoskr-no-collect',
    what: 'gateway with `collect: false`, `for await`',
    file: 'ratatoskr-no-collect.mjs',
    wires: both,
    ours: true,
  },
  {
    name: 'ratatoskr-streams',
    what: 'three stages by `pipeThrough`',
    file: 'ratatoskr-streams.mjs',
    wires: both,
    ours: true,
  },
  {
    name: 'ratatoskr-decoders',
    what: 'the decoders without streams',
    file: 'ratatoskr-decoders.mjs',
    wires: both,
    ours: true,
  },
  {
    name: 'openai',
    package: 'openai',
    what: '`chat.completions.create`, `for await`',
    file: '../peers/openai.mjs',
    wires: chat,
  },
  {
    name: 'anthropic-sdk',
    package: '@anthropic-ai/sdk',
    what: '`messages.create`, `for await`',
    file: '../peers/anthropic-sdk.mjs',
    wires: messages,
  },
  {
    name: 'anthropic-sdk-collecting',
    package: '@anthropic-ai/sdk',
    what: '`messages.stream`, `for await`',
    file: '../peers/anthropic-sdk-collecting.mjs',
    wires: messages,
  },
  {
    name: 'xsai',
    package: '@xsai/stream-text',
    what: '`streamText().fullStream`',
    file: '../peers/xsai.mjs',
    wires: chat,
  },
  {
    name: 'ai-sdk',
    package: '@ai-sdk/openai',
    what: '`doStream`, also of @ai-sdk/anthropic',
    file: '../peers/ai-sdk.mjs',
    wires: both,
  },
  {
    name: 'ai',
    package: 'ai',
    what: '`streamText().stream`',
    file: '../peers/ai.mjs',
    wires: both,
  },
  {
    name: 'tanstack',
    package: '@tanstack/ai',
    what: '`chat` with the Chat Completions adapter of @tanstack/ai-openai',
    file: '../peers/tanstack.mjs',
    wires: chat,
  },
  {
    name: 'langchain',
    package: '@langchain/openai',
    what: '`ChatOpenAI.stream`',
    file: '../peers/langchain.mjs',
    wires: chat,
  },
  {
    name: 'pi-ai',
    package: '@earendil-works/pi-ai',
    what: '`stream` of its two APIs; the successor of @mariozechner/pi-ai',
    file: '../peers/pi-ai.mjs',
    wires: both,
  },
  {
    name: 'ratatoskr-sse',
    what: 'frames only: SseDecoder',
    file: 'ratatoskr-sse.mjs',
    wires: both,
    framesOnly: true,
    ours: true,
  },
  {
    name: 'eventsource-parser',
    package: 'eventsource-parser',
    what: 'frames only: createParser',
    file: '../peers/eventsource-parser.mjs',
    wires: both,
    framesOnly: true,
  },
  {
    name: 'fetch-event-source',
    package: '@microsoft/fetch-event-source',
    what: 'frames only: fetchEventSource',
    file: '../peers/fetch-event-source.mjs',
    wires: both,
    framesOnly: true,
  },
]

/**
 * Makes a client of a contestant for a wire.
 * @param {string} name
 * @param {import('../lib/types.ts').Wire} wire
 * @param {import('../lib/types.ts').Host} host
 * @param {string} [file] instead of the contestant's own
 * @returns {Promise<import('../lib/types.ts').Read>}
 */
export async function load(name, wire, host, file = entryOf(name).file) {
  // Not a literal: the peers are there only once they are installed.
  /** @type {import('../lib/types.ts').Contestant} */
  const contestant = await import(new URL(file, import.meta.url).href)
  const make = wire === 'anthropic' ? contestant.anthropic : contestant.openaiChat
  if (!make) throw new Error(`${name} does not read ${wire}.`)
  return make(host)
}

/** @param {string} name */
export function entryOf(name) {
  const entry = contestants.find((each) => each.name === name)
  if (entry) return entry
  throw new Error(
    `No contestant is named ${name}. There are ${contestants.map((each) => each.name).join(', ')}.`,
  )
}
