// The bytes of each fault, in both wire formats.

/** What the provider says in an error, so that it can be looked for. */
export const words = 'The squirrel is out of nuts.'
export const text = 'Ratatoskr runs up the tree.'
export const args = { path: 'a.txt', content: 'whole' }
export const otherArgs = { path: 'b.txt', content: 'other' }

const json = JSON.stringify(args)
const otherJson = JSON.stringify(otherArgs)
const half = json.slice(0, json.indexOf('whole') + 2)

/** @param {unknown} data @param {string} [event] */
const frame = (data, event) =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-mini' }
const done = frame('[DONE]')

/** @param {object} delta @param {string | null} [finish_reason] @param {object} [more] */
const chunk = (delta, finish_reason = null, more = {}) =>
  frame({ ...head, choices: [{ index: 0, delta, finish_reason }], ...more })

/** @param {object} [more] */
const chatWords = (more) =>
  text
    .split(/(?<= )/)
    .map((content, at) => chunk({ ...(at === 0 && { role: 'assistant' }), content }, null, more))
    .join('')

/** @param {number} index @param {string | undefined} id @param {string} whole */
const chatCall = (index, id, whole) =>
  chunk({
    role: 'assistant',
    tool_calls: [
      {
        index,
        ...(id && { id }),
        type: 'function',
        function: { name: 'write_file', arguments: '' },
      },
    ],
  }) +
  (whole.match(/.{1,12}/g) ?? [])
    .map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] }))
    .join('')

export const chat = {
  text: chatWords() + chunk({}, 'stop') + done,
  call: chatCall(0, 'call_1', json) + chunk({}, 'tool_calls') + done,
  cutText: chatWords(),
  cutCall: chatCall(0, 'call_1', half),
  limitInCall: chatCall(0, 'call_1', half) + chunk({}, 'length') + done,
  onlyDone: chatWords() + done,
  errorNull: chatWords({ error: null }) + chunk({}, 'stop', { error: null }) + done,
  oneIndex:
    chatCall(0, 'call_1', json) + chatCall(0, 'call_2', otherJson) + chunk({}, 'tool_calls') + done,
  noIds:
    chatCall(0, undefined, json) +
    chatCall(1, undefined, otherJson) +
    chunk({}, 'tool_calls') +
    done,
  unknown:
    chatWords() +
    frame({ type: 'squirrel.sighted', tree: 'ash' }, 'squirrel.sighted') +
    chunk({}, 'stop') +
    done,
  error:
    chatWords() + frame({ error: { message: words, type: 'server_error', code: 'overloaded' } }),
  more: chunk({ content: 'again ' }),
  /** A kilobyte of text. */
  much: chunk({ content: `${'nut '.repeat(200)}\n` }),
}

/** @param {{ type: string, [field: string]: unknown }} data */
const event = (data) => frame(data, data.type)

const start = event({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-8',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
})
/** @param {number} index @param {object} content_block */
const blockStart = (index, content_block) =>
  event({ type: 'content_block_start', index, content_block })
/** @param {number} index @param {object} delta */
const blockDelta = (index, delta) => event({ type: 'content_block_delta', index, delta })
/** @param {number} index */
const blockStop = (index) => event({ type: 'content_block_stop', index })
/** @param {string} stop_reason */
const stop = (stop_reason) =>
  event({
    type: 'message_delta',
    delta: { stop_reason, stop_sequence: null },
    usage: { output_tokens: 9 },
  }) + event({ type: 'message_stop' })

const beginText = start + blockStart(0, { type: 'text', text: '' })
/** @param {string} piece */
const textDelta = (piece) => blockDelta(0, { type: 'text_delta', text: piece })
const messageWords =
  beginText +
  text
    .split(/(?<= )/)
    .map(textDelta)
    .join('')

/** @param {number} index @param {string} id */
const callStart = (index, id) =>
  blockStart(index, { type: 'tool_use', id, name: 'write_file', input: {} })
/** @param {number} index @param {string} whole */
const callDeltas = (index, whole) =>
  (whole.match(/.{1,12}/g) ?? [])
    .map((partial_json) => blockDelta(index, { type: 'input_json_delta', partial_json }))
    .join('')

export const messages = {
  text: messageWords + blockStop(0) + stop('end_turn'),
  call: start + callStart(0, 'toolu_1') + callDeltas(0, json) + blockStop(0) + stop('tool_use'),
  cutText: messageWords,
  cutCall: start + callStart(0, 'toolu_1') + callDeltas(0, half),
  limitInCall:
    start + callStart(0, 'toolu_1') + callDeltas(0, half) + blockStop(0) + stop('max_tokens'),
  unknown:
    messageWords +
    event({ type: 'squirrel_sighted', tree: 'ash' }) +
    blockStop(0) +
    stop('end_turn'),
  error:
    messageWords + event({ type: 'error', error: { type: 'overloaded_error', message: words } }),
  more: textDelta('again '),
  much: textDelta(`${'nut '.repeat(200)}\n`),
}

export const html = `<!doctype html>\n<title>Sign in</title>\n<p>Please sign in to the network.</p>\n`

/** @param {string} body */
export const crlf = (body) => body.replaceAll('\n', '\r\n')

/** The data of each event. @param {string} body */
export const frames = (body) => [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => data ?? '')
