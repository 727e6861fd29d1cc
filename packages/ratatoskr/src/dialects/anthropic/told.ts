import { fieldsOf, textOf } from '../../json/shape.ts'

/** Whether events of the library's own tell of a block of this type. */
export function isTold({ type }: { type?: string | null | undefined }): boolean {
  return /^(text|thinking|tool_use)$/.test(type ?? '')
}

/** What those events carry, by the type of the block, or of the event that ends a message. */
const carried: { readonly [type: string]: RegExp } = {
  text: /^text$/,
  thinking: /^thinking$/,
  tool_use: /^(id|name|input)$/,
  message_delta: /^(usage|stop_reason)$/,
}

/** Whether a block, or the event that ends a message, says something that those events do not. */
export function hasMore(sent: { readonly [field: string]: unknown }): boolean {
  const { type, delta, ...rest } = sent
  return Object.entries({ ...rest, ...fieldsOf(delta) }).some(
    ([field, value]) => value != null && value !== '' && !carried[textOf(type)]?.test(field),
  )
}
