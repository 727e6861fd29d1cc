import { RatatoskrError } from 'ratatoskr'
import { scriptNames } from './named-script.ts'
import type { SimulatorOptions } from './simulator-options.ts'

const steps =
  'text reasoning refusal toolCalls citation image usage finish wait fault redacted event'.split(
    ' ',
  )
const scriptedFaults = 'cut reset stall badJson error'.split(' ')
const faults = 'status contentType cut reset stall error badJson duplicate noEnd drip'.split(' ')

/**
 * Checks what a simulator is to do: a slip in it, in a test of a failure, would look like a success.
 * Throws a `RatatoskrError` with code `configuration`.
 */
export function checkSetup(options: SimulatorOptions): void {
  const { script, pace = {}, faults: listed, keys, models } = options
  if (script !== undefined && typeof script !== 'function') checkScript(script)
  const { perDelta = 'word', delay = 0, firstDelay = 0 } = pace
  check(perDelta === 'word' || isCount(perDelta), 'pace.perDelta must be word or a whole number')
  check(isTime(delay) && isTime(firstDelay), 'pace must have delays in milliseconds')
  checkSplit(options.split)
  checkFaults(listed)
  check(!keys || isTexts(keys), 'keys must be a list of keys, or false')
  check(!models || isTexts(models), 'models must be a list of names')
}

/** Checks a script, or the name of one. */
export function checkScript(script: unknown): void {
  if (typeof script === 'string') {
    const names: readonly string[] = scriptNames
    check(names.includes(script), `script must be one of ${names.join(', ')}, or a list of steps`)
    return
  }
  check(Array.isArray(script), 'script must be a list of steps, or the name of one')
  for (const [i, step] of [script].flat().entries()) {
    const keys = isObject(step) ? Object.keys(step) : []
    const isStep = keys.length === 1 && steps.includes(keys[0] ?? '')
    check(isStep, `script.${i} must have one of ${steps.join(', ')}`)
    const fault: unknown = isObject(step) ? step['fault'] : undefined
    if (fault === undefined) continue
    const kinds = scriptedFaults.join(', ')
    check(isKind(fault, scriptedFaults), `script.${i}.fault.kind must be one of ${kinds}`)
  }
}

/** Checks a list of faults. */
export function checkFaults(listed: unknown): void {
  check(listed === undefined || Array.isArray(listed), 'faults must be a list')
  for (const [i, fault] of [listed ?? []].flat().entries()) {
    check(isKind(fault, faults), `faults.${i}.kind must be one of ${faults.join(', ')}`)
    if (!isObject(fault)) continue
    const { event = 1, status = 500, times = 1 } = fault
    check(isCount(event), `faults.${i}.event must be counted from 1`)
    check(isCount(times), `faults.${i}.times must be at least 1`)
    const isStatus = Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600
    check(isStatus, `faults.${i}.status must be one of an error, 400 to 599`)
  }
}

/** Checks how bodies are cut. */
export function checkSplit(split: unknown): void {
  const isSplit =
    ['event', 'byte', undefined].some((word) => word === split) ||
    typeof split === 'function' ||
    isCount(split) ||
    (isObject(split) && typeof split['seed'] === 'number' && isCount(split['max'] ?? 1))
  check(isSplit, 'split must be event, byte, a number of bytes, { seed } or a function')
}

/** Throws with code `configuration` where something is not as it must be. */
export function check(condition: boolean, rule: string): void {
  if (!condition) throw new RatatoskrError('configuration', `${rule}.`)
}

function isKind(fault: unknown, kinds: readonly string[]): boolean {
  return isObject(fault) && kinds.some((kind) => kind === fault['kind'])
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < 2 ** 31
}
