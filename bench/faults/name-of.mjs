// How the table names an error.

import { words } from './replies.mjs'

export const unhandled = 'unhandled rejection'

/** Its name, and its code where it has one. @param {unknown} error */
export function nameOf(error) {
  if (!(error instanceof Error)) {
    const { code, type } = fieldsOf(error)
    return `${typeof error === 'object' ? 'an object' : `a ${typeof error}`}, ${code ?? type ?? 'without a code'}`
  }
  // A class of its own says more than the name that it inherits.
  const name = error.name === 'Error' ? error.constructor.name : error.name
  const { code } = fieldsOf(error)
  const reason = name === 'Error' ? ` “${shorten(error.message)}”` : ''
  return `${name}${code === undefined ? '' : ` ${code}`}${reason}`
}

/** @param {string} message */
const shorten = (message) => (message.length > 45 ? `${message.slice(0, 44)}…` : message)

/** @param {unknown} error @returns {{ code?: string, type?: string }} */
function fieldsOf(error) {
  if (typeof error !== 'object' || error === null) return {}
  return {
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...('type' in error && typeof error.type === 'string' && { type: error.type }),
  }
}

/** Whether it holds what the provider said. @param {unknown} error @returns {boolean} */
export function hasWords(error) {
  if (typeof error === 'string') return error.includes(words)
  if (typeof error !== 'object' || error === null) return false
  if (error instanceof Error && error.message.includes(words)) return true
  return (
    Object.values(error).some((value) => value !== error && hasWordsIn(value)) ||
    ('cause' in error && hasWords(error.cause))
  )
}

/** @param {unknown} value */
function hasWordsIn(value) {
  try {
    return (JSON.stringify(value) ?? '').includes(words)
  } catch {
    return false
  }
}
