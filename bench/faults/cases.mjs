// The faults: what is sent, what the client does, and by which rule it is judged.

import { args, chat, crlf, frames, html, messages, otherArgs, text } from './replies.mjs'

/**
 * @typedef {import('./types.ts').Case} Case
 * @typedef {import('./types.ts').Served} Served
 * @typedef {import('./types.ts').Ending} Ending
 * @typedef {import('./types.ts').Expected} Expected
 * @typedef {keyof typeof chat & keyof typeof messages} Shared
 */

const call = { name: 'write_file', arguments: args }
const otherCall = { name: 'write_file', arguments: otherArgs }

/** @param {string} body @param {Ending} [ending] @param {string} [type] @returns {Served} */
const served = (body, ending = 'end', type) => ({ body, ending, ...(type && { type }) })

/**
 * The same fault in both formats.
 * @param {Shared} name
 * @param {Expected} expected
 * @param {Ending} [ending]
 * @returns {Case['wires']}
 */
const both = (name, expected, ending) => ({
  'openai-chat': { served: served(chat[name], ending), expected },
  anthropic: { served: served(messages[name], ending), expected },
})

/** @param {string} body @param {Expected} expected @returns {Case['wires']} */
const chatOnly = (body, expected) => ({ 'openai-chat': { served: served(body), expected } })

/** @type {readonly Case[]} */
export const cases = [
  {
    name: 'text',
    title: 'nothing wrong: a text',
    rule: 'whole',
    scenario: 'read',
    wires: withFrames(both('text', { text })),
    frames: true,
    ours: 'success',
  },
  {
    name: 'call',
    title: 'nothing wrong: a tool call',
    rule: 'whole',
    scenario: 'read',
    wires: both('call', { calls: [call] }),
    ours: 'success',
  },
  {
    name: 'cut-text',
    title: 'the body ends in mid-text',
    rule: 'failed',
    scenario: 'read',
    wires: both('cutText', { text }),
    ours: 'truncated',
  },
  {
    name: 'lost',
    title: 'the connection is lost in mid-text',
    rule: 'failed',
    scenario: 'read',
    wires: both('cutText', { text }, 'lose'),
    frames: true,
    ours: 'truncated',
  },
  {
    name: 'cut-call',
    title: 'the body ends in mid-arguments',
    rule: 'failed',
    scenario: 'read',
    wires: both('cutCall', { calls: [call] }),
    ours: 'truncated',
  },
  {
    name: 'limit-in-call',
    title: "the model's limit in mid-arguments",
    rule: 'no-half-call',
    scenario: 'read',
    wires: both('limitInCall', { calls: [call] }),
    ours: 'success',
  },
  {
    name: 'only-done',
    title: '`[DONE]` without a finish reason',
    rule: 'only-done',
    scenario: 'read',
    wires: chatOnly(chat.onlyDone, { text }),
    ours: 'success',
  },
  {
    name: 'open-end',
    title: 'a whole reply, then the connection stays open',
    rule: 'whole',
    scenario: 'read',
    wires: both('text', { text }, 'stay'),
    ours: 'success',
  },
  {
    name: 'error-null',
    title: '`"error": null` in each chunk',
    rule: 'whole',
    scenario: 'read',
    wires: chatOnly(chat.errorNull, { text }),
    ours: 'success',
  },
  {
    name: 'crlf',
    title: 'lines end in CRLF',
    rule: 'whole',
    scenario: 'read',
    wires: {
      'openai-chat': {
        served: served(crlf(chat.text)),
        expected: { text, frames: frames(chat.text) },
      },
      anthropic: { served: served(crlf(messages.text)), expected: { text } },
    },
    frames: true,
    ours: 'success',
  },
  {
    name: 'one-index',
    title: 'parallel calls on one index',
    rule: 'calls',
    scenario: 'read',
    wires: chatOnly(chat.oneIndex, { calls: [call, otherCall] }),
    ours: 'success',
  },
  {
    name: 'no-ids',
    title: 'parallel calls without ids',
    rule: 'calls',
    scenario: 'read',
    wires: chatOnly(chat.noIds, { calls: [call, otherCall] }),
    ours: 'success',
  },
  {
    name: 'html',
    title: 'a page of HTML under 200',
    rule: 'failed',
    scenario: 'read',
    wires: {
      'openai-chat': { served: served(html, 'end', 'text/html'), expected: {} },
      anthropic: { served: served(html, 'end', 'text/html'), expected: {} },
    },
    ours: 'protocol',
  },
  {
    name: 'unknown',
    title: 'an event of an unknown type',
    rule: 'whole',
    scenario: 'read',
    wires: withFrames(both('unknown', { text })),
    frames: true,
    ours: 'success',
  },
  {
    name: 'error',
    title: 'an error object in mid-stream',
    rule: 'told',
    scenario: 'read',
    wires: both('error', { text }),
    ours: 'overloaded',
  },
  {
    name: 'stall',
    title: 'a stall, with a timer of 1 s',
    rule: 'timer',
    scenario: 'read',
    wires: both('cutText', { text }, 'stay'),
    timeout: 1000,
    ours: 'timeout',
  },
  {
    name: 'abort',
    title: 'an abort in mid-stream, as its reader sees it',
    rule: 'apart',
    scenario: 'abort',
    wires: both('cutText', { text }, 'stay'),
    ours: 'AbortError',
  },
  {
    name: 'abort-unread',
    title: 'an abort before anything was read',
    rule: 'closed',
    scenario: 'abort-unread',
    wires: both('cutText', { text }, 'stay'),
    ours: 'closed',
  },
  {
    name: 'break',
    title: '`break`, while the model goes on',
    rule: 'closed',
    scenario: 'break',
    wires: both('cutText', { text }, 'drip'),
    frames: true,
    ours: 'closed',
  },
  {
    name: 'break-silent',
    title: '`break`, while the model is silent',
    rule: 'closed',
    scenario: 'break',
    wires: both('cutText', { text }, 'stay'),
    frames: true,
    ours: 'closed',
  },
  {
    name: 'idle',
    title: 'a reader that reads no further',
    rule: 'paused',
    scenario: 'idle',
    wires: both('cutText', { text }, 'flood'),
    frames: true,
    ours: 'paused',
  },
]

/** @param {Case['wires']} wires @returns {Case['wires']} what those see who read frames alone, too */
function withFrames(wires) {
  const { 'openai-chat': wire } = wires
  if (!wire) return wires
  const expected = { ...wire.expected, frames: frames(wire.served.body) }
  return { ...wires, 'openai-chat': { ...wire, expected } }
}
