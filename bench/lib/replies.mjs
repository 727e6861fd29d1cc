// The replies that everybody reads, made by a rule, so that every process and engine makes the same bytes.
// Web globals only: this also runs in Chromium and workerd.

/**
 * @typedef {import('./types.ts').Reply} Reply
 * @typedef {import('./types.ts').Expected} Expected
 */

const KiB = 1024
const utf8 = new TextEncoder()

const words =
  ' the squirrel runs up and down this world tree carrying words between an eagle above it all the day long while its roots reach into three wells of which nobody drinks twice.'.match(
    / \S+/g,
  ) ?? []

/** Tokens as models give them: words, now and then a line, a quotation, a dash, a picture. @param {number} at */
function token(at) {
  if (at % 503 === 502) return ' 🐿️'
  if (at % 97 === 96) return ' —'
  if (at % 61 === 60) return '.\n\n'
  if (at % 53 === 52) return ' "naïve"'
  return words[at % words.length] ?? ''
}

/** @param {number} count @param {number} [from] */
const tokens = (count, from = 0) => Array.from({ length: count }, (_, at) => token(from + at))

/** Prose of this many UTF-16 units. @param {number} length */
function prose(length) {
  const whole = tokens(1009).join('')
  return whole.repeat(Math.ceil(length / whole.length)).slice(0, length)
}

/** The JSON text of a tool call's arguments. @param {number} length */
function argumentsOf(length) {
  const start = '{"path":"src/squirrel.ts","content":"'
  const line = 'export const nut = (count: number) => `${count} nuts`\\n'
  const room = length - start.length - 2
  const body = line.repeat(Math.floor(room / line.length))
  return `${start}${body}${' '.repeat(room - body.length)}"}`
}

/** @param {string} text @param {number} length */
const pieces = (text, length) =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
    text.slice(at * length, (at + 1) * length),
  )

/** @param {object} delta @param {string | null} [finishReason] */
const chatChunk = (delta, finishReason = null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-CkT9wZ0q1nYvB3eQx5dRfGhJkLmNp',
    object: 'chat.completion.chunk',
    created: 1_780_000_000,
    model: 'gpt-5-mini-2025-08-07',
    service_tier: 'default',
    system_fingerprint: null,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    usage: null,
  })}\n\n`

const chatUsage = `data: ${JSON.stringify({
  id: 'chatcmpl-CkT9wZ0q1nYvB3eQx5dRfGhJkLmNp',
  object: 'chat.completion.chunk',
  created: 1_780_000_000,
  model: 'gpt-5-mini-2025-08-07',
  choices: [],
  usage: { prompt_tokens: 12, completion_tokens: 20_000, total_tokens: 20_012 },
})}\n\n`

/** The beginning of a chat reply. */
export const chatStart = chatChunk({ role: 'assistant', content: '', refusal: null })
/** One event with text. @param {string} content */
export const chatText = (content) => chatChunk({ content })
/** Its end. @param {string} [finishReason] */
export const chatEnd = (finishReason = 'stop') =>
  `${chatChunk({}, finishReason)}${chatUsage}data: [DONE]\n\n`

/** @param {number} count of events with text */
function chat(count) {
  const all = tokens(count)
  return {
    events: [chatStart, ...all.map(chatText), chatEnd()],
    expected: expect({ text: all.join('') }),
  }
}

function chatToolArguments() {
  const all = argumentsOf(96 * KiB)
  /** @param {object} call */
  const chunk = (call) => chatChunk({ tool_calls: [{ index: 0, ...call }] })
  const head = { id: 'call_8sYvB3eQx5dRfGhJ', type: 'function' }
  return {
    events: [
      chatStart,
      chunk({ ...head, function: { name: 'write_file', arguments: '' } }),
      ...pieces(all, 16).map((part) => chunk({ function: { arguments: part } })),
      chatEnd('tool_calls'),
    ],
    expected: expect({ calls: [all] }),
  }
}

function chatBigEvent() {
  const text = prose(15 * KiB * KiB)
  const { length } = utf8.encode(chatText(text))
  // ASCII fills the event up to its size.
  const whole = text + 'x'.repeat(16 * KiB * KiB - length)
  return { events: [chatText(whole), chatEnd()], expected: expect({ text: whole }) }
}

/** @param {string} type @param {object} [fields] */
const anthropicEvent = (type, fields = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

/** @param {number} index @param {object} start @param {object[]} deltas */
const block = (index, start, deltas) => [
  anthropicEvent('content_block_start', { index, content_block: start }),
  ...deltas.flatMap((delta, at) => [
    ...(at % 500 === 499 ? [anthropicEvent('ping')] : []),
    anthropicEvent('content_block_delta', { index, delta }),
  ]),
  anthropicEvent('content_block_stop', { index }),
]

function anthropicTurn() {
  const thoughts = tokens(4000, 7)
  const said = tokens(15_000)
  const calls = [argumentsOf(8000), argumentsOf(8000)]
  const usage = { input_tokens: 12, output_tokens: 20_000 }
  const message = {
    id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  }
  return {
    events: [
      anthropicEvent('message_start', { message }),
      ...block(0, { type: 'thinking', thinking: '', signature: '' }, [
        ...thoughts.map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: 'EqQBCgIYAhIM'.repeat(20) },
      ]),
      ...block(
        1,
        { type: 'text', text: '' },
        said.map((text) => ({ type: 'text_delta', text })),
      ),
      ...calls.flatMap((call, at) =>
        block(
          2 + at,
          { type: 'tool_use', id: `toolu_01A09q90qw90lq91${at}`, name: 'write_file', input: {} },
          pieces(call, 16).map((part) => ({ type: 'input_json_delta', partial_json: part })),
        ),
      ),
      anthropicEvent('message_delta', {
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage,
      }),
      anthropicEvent('message_stop'),
    ],
    expected: expect({ text: said.join(''), reasoning: thoughts.join(''), calls }),
  }
}

/** @param {Partial<Expected>} parts @returns {Expected} */
const expect = ({ text = '', reasoning = '', calls = [] }) => ({ text, reasoning, calls })

/** @param {string} text @param {number} size of a chunk in bytes */
function cut(text, size) {
  const bytes = utf8.encode(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.slice(at * size, (at + 1) * size),
  )
}

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title
 * @property {() => Reply} make
 */

/**
 * @param {() => { events: string[], expected: Expected }} make
 * @param {number} size of a chunk in bytes
 * @param {import('./types.ts').Wire} [wire]
 * @returns {() => Reply}
 */
const inChunksOf =
  (make, size, wire = 'openai-chat') =>
  () => {
    const { events, expected } = make()
    return { wire, expected, chunks: cut(events.join(''), size) }
  }

/**
 * @param {() => { events: string[], expected: Expected }} make
 * @returns {() => Reply}
 */
const eventByEvent = (make) => () => {
  const { events, expected } = make()
  return { wire: 'openai-chat', expected, chunks: events.map((event) => utf8.encode(event)) }
}

/** All that is measured by its time. @type {readonly Workload[]} */
export const workloads = [
  {
    name: 'chat-event',
    title: 'Chat text, 20,000 events, one event per chunk',
    make: eventByEvent(() => chat(20_000)),
  },
  {
    name: 'chat-1400',
    title: 'Chat text, 20,000 events, chunks of 1,400 bytes',
    make: inChunksOf(() => chat(20_000), 1400),
  },
  {
    name: 'chat-16k',
    title: 'Chat text, 20,000 events, chunks of 16 KiB',
    make: inChunksOf(() => chat(20_000), 16 * KiB),
  },
  {
    name: 'anthropic',
    title:
      'Anthropic, 20,000 deltas: thinking, text and two tool calls of 8,000 characters, chunks of 1,400 bytes',
    make: inChunksOf(anthropicTurn, 1400, 'anthropic'),
  },
  {
    name: 'tool-args',
    title: 'Tool arguments of 96 KiB in deltas of 16 characters, chunks of 1,400 bytes',
    make: inChunksOf(chatToolArguments, 1400),
  },
  {
    name: 'drip',
    title: 'One event of 16 MiB, in chunks of 1 KiB',
    make: inChunksOf(chatBigEvent, KiB),
  },
]

/** @param {string} name */
export function workloadOf(name) {
  const found = workloads.find((workload) => workload.name === name)
  if (found) return found
  throw new Error(
    `No workload is named ${name}. There are ${workloads.map((each) => each.name).join(', ')}.`,
  )
}
