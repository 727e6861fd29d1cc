import { RatatoskrError } from 'ratatoskr'

/** Throws with code `configuration` for what is no time after which an object can wake. */
export function checkMilliseconds(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return
  throw new RatatoskrError('configuration', `${name} must be a number of milliseconds above 0.`)
}
