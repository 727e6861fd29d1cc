import type { ChatEvent } from 'ratatoskr'
import { showBytes } from './show-bytes.ts'
import type { Frame, Traced, Transfer } from './trace.ts'

/** One row of a pane. */
export interface Row {
  tag: string
  text: string
  /** What it is coloured as. */
  tone?: 'text' | 'thought' | 'tool' | 'meta' | 'end' | 'bad'
}

/** How the entries of a pane are shown: each as a row, and one of them in full. */
export interface Description<Item> {
  /** @param before The item before it, for what is the same need not be said again. */
  row: (item: Item, before?: Item) => Row
  detail: (item: Item) => string
}

/** So much of an item a row shows, in characters. */
const rowLength = 160

export const describeTransfer: Description<Transfer> = {
  row(item) {
    switch (item.kind) {
      case 'request':
        return { tag: item.method, text: item.url, tone: 'meta' }
      case 'response':
        return {
          tag: String(item.status),
          text: item.headers.find(([name]) => name === 'content-type')?.[1] ?? '',
          tone: item.status < 400 ? 'meta' : 'bad',
        }
      case 'chunk':
        return { tag: `${item.size} B`, text: showBytes(item.bytes.subarray(0, rowLength)) }
      case 'end':
        return {
          tag: 'end',
          text: item.how,
          tone: /^(broke|no answer)$/.test(item.how) ? 'bad' : 'end',
        }
    }
  },
  detail(item) {
    switch (item.kind) {
      case 'request':
        return `${item.method} ${item.url}\n${lines(item.headers)}\n\n${pretty(item.body)}`
      case 'response':
        return `Status ${item.status}\n${lines(item.headers)}`
      case 'chunk': {
        const { bytes, size, offset } = item
        const rest = size > bytes.length ? `\n… ${size - bytes.length} bytes more` : ''
        const place = `${size} bytes, ${offset} to ${offset + size - 1} of the body`
        return `${place}\n\n${showBytes(bytes, true)}${rest}`
      }
      case 'end':
        return `The body has ended: ${item.how}.`
    }
  },
}

export const describeFrame: Description<Frame> = {
  row: ({ event, unit = 'message', data, id, unfinished, stray }, before) => ({
    tag: unfinished ? 'unfinished' : stray ? 'stray' : tagOfFrame(event ?? unit, id),
    text: withoutSameBeginning(data, before?.data).slice(0, rowLength),
    ...((unfinished === true || stray === true) && { tone: 'bad' as const }),
  }),
  detail: ({ event, unit, data, id, unfinished, stray }) =>
    [
      ...(id === undefined || id === '' ? [] : [`id: ${id}`]),
      ...(event === undefined ? [] : [`event: ${event}`]),
      ...(unfinished
        ? [
            `(the body ended before ${unit ? `the ${unit} did` : 'the blank line that ends an event'})`,
          ]
        : []),
      ...(stray ? ['(outside of any field)'] : []),
      ...(unit ? [data] : data.split('\n').map((line) => `data: ${line}`)),
    ].join('\n'),
}

export const describeValue: Description<unknown> = {
  row: (value, before) => ({
    tag: typeof value === 'string' ? 'text' : tagOf(value),
    text: json(withoutSame(value, before)).slice(0, rowLength),
    ...(typeof value === 'string' && { tone: 'end' as const }),
  }),
  detail: (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2)),
}

export const describeEvent: Description<ChatEvent> = {
  row(event) {
    switch (event.type) {
      case 'content':
        return { tag: event.type, text: json(event.text), tone: 'text' }
      case 'reasoning':
        return { tag: event.type, text: json(event.text), tone: 'thought' }
      case 'refusal':
        return { tag: event.type, text: json(event.text), tone: 'bad' }
      case 'tool_call_start':
        return { tag: event.type, text: `${event.index} ${event.name} ${event.id}`, tone: 'tool' }
      case 'tool_call_delta':
        return { tag: event.type, text: `${event.index} ${json(event.arguments)}`, tone: 'tool' }
      case 'tool_call_end':
        return { tag: event.type, text: String(event.index), tone: 'tool' }
      case 'citation':
        return { tag: event.type, text: json(event.citation) }
      case 'image':
        return { tag: event.type, text: event.image.mediaType }
      case 'provider':
        return { tag: event.type, text: json(event.data).slice(0, rowLength), tone: 'meta' }
      case 'usage':
        return { tag: event.type, text: json(event.usage), tone: 'meta' }
      case 'done':
        return { tag: event.type, text: event.finishReason, tone: 'end' }
    }
  },
  detail: (event) => JSON.stringify(event, null, 2),
}

/** Milliseconds since the request, for a row. */
export function timeOf({ at }: Traced<unknown>): string {
  return at < 9999.5 ? `${at.toFixed(0)} ms` : `${(at / 1000).toFixed(1)} s`
}

/** A numbered event of the usual kind is known by its number. */
function tagOfFrame(event: string, id = ''): string {
  if (id === '') return event
  return event === 'message' ? `id ${id}` : `${event} ${id}`
}

function tagOf(value: unknown): string {
  if (!isObject(value)) return typeof value
  const { type, object } = value
  const tag = type ?? object
  return typeof tag === 'string' ? tag.replace('chat.completion.', '') : 'object'
}

/** Without what the text before begins with too, up to the field in which they differ. */
function withoutSameBeginning(text: string, before = ''): string {
  const most = Math.min(text.length, before.length, 2000)
  let same = 0
  while (same < most && text[same] === before[same]) same += 1
  const field = Math.max(text.lastIndexOf(',', same), text.lastIndexOf('{', same)) + 1
  return field > 20 ? `…${text.slice(field)}` : text
}

/** Without the fields that say the same as those of the value before: what is new is in sight. */
function withoutSame(value: unknown, before: unknown): unknown {
  if (!isObject(value) || !isObject(before)) return value
  const fresh = Object.entries(value).filter(
    ([name, field]) => typeof field === 'object' || field !== before[name],
  )
  return Object.fromEntries(fresh)
}

function isObject(value: unknown): value is { [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

function lines(headers: readonly (readonly [string, string])[]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join('\n')
}
