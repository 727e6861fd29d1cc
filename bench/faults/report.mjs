// FAULTS.md, made of what was observed.

import { cases } from './cases.mjs'
import { contestants, entryOf } from './contestants.mjs'
import { limits } from './observe.mjs'
import { ruleOf, rules } from './rules.mjs'
import { unhandled } from './name-of.mjs'
import { wordsFor } from './words.mjs'
import { versions } from '../lib/machine.mjs'
import { table as anyTable } from '../lib/table.mjs'

/**
 * @typedef {import('./types.ts').Observation} Observation
 * @typedef {import('./types.ts').Mark} Mark
 * @typedef {import('../lib/types.ts').Wire} Wire
 * @typedef {{ name: string, wire: Wire, fault: import('./types.ts').Case, seen: Observation }} Cell
 */

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
const table = (head, rows) => anyTable(head, rows, { texts: true })

/** @type {{ [mark in Mark]: string }} */
const signs = { right: '✓', half: '◐', wrong: '✗', none: '·' }

/** @param {Cell} cell @returns {Mark} */
export const judge = ({ name, wire, fault, seen }) =>
  ruleOf(fault.rule).judge(seen, expectedOf(fault, wire), entryOf(name).giveNoCalls === true)

/** @param {Cell} cell */
export const words = ({ name, wire, fault, seen }) =>
  wordsFor(fault, seen, expectedOf(fault, wire), entryOf(name))

/** @param {Cell} cell */
export const cellText = (cell) => `${signs[judge(cell)]} ${words(cell)}`

/** @param {import('./types.ts').Case} fault @param {Wire} wire */
const expectedOf = (fault, wire) => fault.wires[wire]?.expected ?? {}

/** @param {readonly Cell[]} cells @param {string} node the version */
export const report = (cells, node) =>
  [
    '# Faults',
    'The same faults, run through ratatoskr and its peers. Made by `npm run bench:faults`, never by hand: each cell is what was observed, and its mark is put by a rule in [code](faults/rules.mjs). [How it is done](README.md#faults).',
    `Node ${node}; ${[...new Set(['ratatoskr', ...used(cells)])].map((name) => `${name} ${versions()[name]}`).join(', ')}. Default options, as the documentation of each shows it.`,
    '## Chat Completions',
    section(cells, 'openai-chat', false),
    '## Messages',
    section(cells, 'anthropic', false),
    '## Frames only',
    'Those that read server-sent events and leave what they mean to their users.',
    section(cells, 'openai-chat', true),
    '## Marks',
    `${signs.right} right, ${signs.half} half, ${signs.wrong} wrong, ${signs.none} not asked. A crash is always wrong. The number behind each fault is its rule's:`,
    Object.values(rules)
      .map(({ text }, at) => `${at + 1}. ${text}`)
      .join('\n'),
    '## Words',
    table(
      ['what a cell says', 'what was observed'],
      [
        [
          'success',
          'the loop ended, and nothing failed. Behind it: the finish reason that the library told last (who runs tools asks again, and gets a whole reply), or `no reason`',
        ],
        [
          'error: …',
          'the loop, or what the documentation asks after it, failed; also by an event for that. Behind it: its name and code',
        ],
        ['hangs', `not done within ${limits.done / 1000} s`],
        ['has no timer', 'no timer for this is documented, so it waits as it does by default'],
        [
          'crashes the process (…)',
          'a rejection that nobody handled, or an exception that nobody caught, while it was used as the table below says',
        ],
        [
          'gave the call, gave `…`',
          'the library handed out a call as complete: a whole one, or one with these arguments',
        ],
        ['ran the call, ran `…`', 'the library ran the tool'],
        ['no call', 'it did neither'],
        [
          'closed, stays open',
          `whether the server saw the connection close within ${limits.close / 1000} s; the process lives on`,
        ],
        [
          'closed after … MiB',
          'the client closed the connection, though its reader had not stopped',
        ],
        ['never asked', 'no request was sent'],
      ],
    ),
    '## Who, and how',
    table(
      ['', 'used by', 'its own timer for a stall'],
      contestants
        .filter(({ name }) => cells.some((cell) => cell.name === name))
        .map(({ name, how, timer, framesOnly }) => [
          name,
          how,
          framesOnly ? '' : (timer ?? 'none'),
        ]),
    ),
  ].join('\n\n') + '\n'

/** @param {readonly Cell[]} cells */
const used = (cells) =>
  contestants.flatMap(({ name, package: peer }) =>
    peer !== undefined && cells.some((cell) => cell.name === name)
      ? [
          peer,
          ...(name === 'ai-sdk' ? ['@ai-sdk/anthropic'] : []),
          ...(name === 'tanstack' ? ['@tanstack/ai-openai'] : []),
        ]
      : [],
  )

/** @param {readonly Cell[]} all @param {Wire} wire @param {boolean} framesOnly */
function section(all, wire, framesOnly) {
  const names = contestants
    .filter((entry) => entry.wires.includes(wire) && (entry.framesOnly === true) === framesOnly)
    .map(({ name }) => name)
  const cells = all.filter((cell) => cell.wire === wire && names.includes(cell.name))
  const shown = names.filter((name) => cells.some((cell) => cell.name === name))
  const faults = cases.filter((fault) => cells.some((cell) => cell.fault === fault))
  const ruleNames = Object.keys(rules)
  /** @param {string} name @param {import('./types.ts').Case} fault */
  const textOf = (name, fault) => {
    const cell = cells.find((each) => each.name === name && each.fault === fault)
    return cell ? cellText(cell).replaceAll('|', '\\|') : ''
  }
  return table(
    ['', ...shown],
    [
      ...faults.map((fault) => [
        `${fault.title} [${ruleNames.indexOf(fault.rule) + 1}]`,
        ...shown.map((name) => textOf(name, fault)),
      ]),
      [
        'unhandled rejections, in all of these',
        ...shown.map((name) => crashes(cells.filter((cell) => cell.name === name))),
      ],
    ],
  )
}

/** @param {readonly Cell[]} cells */
function crashes(cells) {
  const count = cells.filter(({ seen }) => seen.crash?.startsWith(unhandled)).length
  return count === 0 ? `${signs.right} none` : `${signs.wrong} in ${count} of ${cells.length}`
}
