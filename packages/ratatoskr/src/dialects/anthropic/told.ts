import { fieldsOf } from '../../json/shape.ts'

/** Whether events of the library's own tell of a block of this type. */
export function isTold({ type }: { type?: string | null | undefined }): boolean {
  return type === 'text' || type === 'thinking' || type === 'tool_use'
}

/** What those events carry of such a block, of a message and of its end. */
const carried =
  /^(type|text|thinking|id|name|input|role|model|content|stop_reason|.*(in|out)put_tokens.*)$/

/** Whether a block or a message says something that those events do not. */
export function hasMore({ usage, delta, ...rest }: { readonly [field: string]: unknown }): boolean {
  return Object.entries({ ...rest, ...fieldsOf(usage), ...fieldsOf(delta) }).some(
    ([field, value]) => value != null && value !== '' && !carried.test(field),
  )
}
