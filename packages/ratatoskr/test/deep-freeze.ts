/** Freezes a value and all that it holds: code that changes it fails. Bytes cannot be frozen. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const inner of Object.values(value)) deepFreeze<unknown>(inner)
    Object.freeze(value)
  }
  return value
}
