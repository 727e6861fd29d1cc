// What must be so, whatever the peers do: our own rows, and that everybody reads a reply with nothing wrong.

import { judge, words } from './report.mjs'

/** @typedef {import('./report.mjs').Cell} Cell */

/** Those whose failure would mean that the instrument is wrong. */
const controls = new Set(['text', 'call'])
const ours = new Set(['ratatoskr', 'SseDecoderStream'])

/** @param {readonly Cell[]} cells @returns {string[]} what is not as it must be */
export const failuresOf = (cells) =>
  cells
    .filter((cell) => !isAsItMustBe(cell))
    .map(
      (cell) =>
        `${cell.name} with ${cell.wire}, ${cell.fault.title}: must be ${cell.fault.ours}, was ${words(cell)}`,
    )

/** @param {Cell} cell */
function isAsItMustBe(cell) {
  const { name, fault, seen } = cell
  if (controls.has(fault.name)) return judge(cell) === 'right'
  if (!ours.has(name)) return true
  if (judge(cell) !== 'right') return false
  // Frames have no codes: they fail with the network's own error.
  if (name !== 'ratatoskr') return true
  if (['success', 'closed', 'paused'].includes(fault.ours)) return seen.end !== 'error'
  return seen.error?.split(' ').includes(fault.ours) === true
}
