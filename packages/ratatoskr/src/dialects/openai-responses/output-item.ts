import type { Continuation } from '../../event.ts'
import { isRecord, textOf } from '../../json/shape.ts'
import type { OutputItem } from './chunk.ts'

/** An item of a reply while it comes. */
export interface OpenItem {
  /** Its place in the reply; or its id, where the host tells no places. */
  key: unknown
  /** What was told of it last: in its end, all. */
  sent: OutputItem
  /** Its texts that were said, such as `content.0`: where in the reply's content each began. */
  said: Map<string, number>
  /** The parts of its content whose sources were told. */
  cited: Set<number>
  /** Characters of the reply's content in it. */
  length: number
  /** The number, the id and the kind of the call in our events. */
  call?: { index: number; id: string; kind?: 'custom' }
  /** The arguments so far, and what of them was not said yet. */
  text: string
  untold: string
  /** It is over; a call is also complete, with arguments that are right. */
  ended: boolean
  complete: boolean
  /** The place of its image among those of the reply. */
  image?: number
}

/** Makes an item of which nothing is known yet. */
export function openItem(key: unknown): OpenItem {
  return {
    key,
    sent: {},
    said: new Map(),
    cited: new Set(),
    length: 0,
    text: '',
    untold: '',
    ended: false,
    complete: false,
  }
}

/**
 * Finds what was told of an item that stands in the end of the reply, where ids and places are not
 * always those of the events before: by its id, its place, or else what it is.
 */
export function findItem(
  items: readonly OpenItem[],
  sent: OutputItem,
  place: number,
): OpenItem | undefined {
  const { id, type, call_id } = sent
  const isAlike = (item: OpenItem): boolean => (item.sent.type ?? type) === type
  const isSame = (item: OpenItem): boolean =>
    isCall(sent) ? call_id != null && item.sent.call_id === call_id : isAlike(item)
  return (
    items.find((item) => id != null && item.sent.id === id) ??
    items.find((item) => item.key === place && isAlike(item)) ??
    items.find(isSame)
  )
}

/** Whether an item is a call of one of the client's own tools. */
export function isCall({ type }: OutputItem): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

/** Whether events of the library's own tell of an item of this type. */
export function isTold(item: OutputItem): boolean {
  return item.type === 'message' || item.type === 'reasoning' || isCall(item)
}

/** What a message alone tells of its items. */
const plain = /^(type|id|status|role|content|call_id|name|arguments|input)$/

/**
 * What the next request must give back, or undefined where the message alone tells it all. Texts
 * are kept as lengths within the message's content, calls by their ids, images by their places.
 *
 * @param stored The host keeps the reply: there, reasoning is known by its id alone.
 */
export function continuationOf(
  items: readonly OpenItem[],
  stored: boolean,
): Continuation | undefined {
  const whole = items.filter(({ sent, ended, complete }) => {
    if (isCall(sent)) return complete
    const { type, encrypted_content, content } = sent
    return (
      ended && (type !== 'reasoning' || stored || !!textOf(encrypted_content) || !!content?.[0])
    )
  })
  const isPlain = whole.every(
    ({ sent }) =>
      (sent.type === 'message' || isCall(sent)) &&
      Object.entries(sent).every(([field, value]) => value == null || plain.test(field)),
  )
  return isPlain ? undefined : { dialect: 'openai-responses', data: { items: whole.map(keep) } }
}

function keep({ sent, length, call, image }: OpenItem): { [field: string]: unknown } {
  const fields = Object.entries(sent).filter(([, value]) => value != null)
  if (call) {
    const own = fields.filter(([field]) => !/^(call_id|name|arguments|input)$/.test(field))
    return { ...Object.fromEntries(own), call: call.id }
  }
  if (sent.type === 'message') {
    const own = fields.filter(([field]) => field !== 'content')
    return { ...Object.fromEntries(own), length }
  }
  if (image === undefined) return Object.fromEntries(fields)
  return { ...Object.fromEntries(fields.filter(([field]) => field !== 'result')), image }
}

/** The images that a tool of the host's made. */
export function imagesIn(outputs: unknown): { url: string }[] {
  return [outputs].flat().flatMap((output) => {
    const url = isRecord(output) && output['type'] === 'image' ? textOf(output['url']) : ''
    return url ? [{ url }] : []
  })
}
