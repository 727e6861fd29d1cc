import { cases } from './cases.mjs'

/** @param {string} name */
export function caseOf(name) {
  const found = cases.find((each) => each.name === name)
  if (found) return found
  throw new Error(
    `No fault is named ${name}. There are ${cases.map((each) => each.name).join(', ')}.`,
  )
}
