import { isRecord } from './shape.ts'

/** Whether a text is one whole JSON object, as the arguments of a call must be. */
export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && !Array.isArray(value)
  } catch {
    return false
  }
}
