import type { Continuation } from '../../event.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import type { AssistantMessage, ToolCall } from '../../message.ts'
import type { Block } from './chunk.ts'

/** A content block of a request. */
export type RequestBlock = { [field: string]: unknown }

/** A block as the decoder has put it together. */
export interface KeptBlock {
  /** Of a text without the text. */
  block: Block
  /** Characters of the content that are its text. */
  length: number
  /** It is whole. */
  ended: boolean
}

/**
 * What the next request must give back, or undefined where the message alone tells it all. Texts
 * are kept as lengths within the message's content, and calls as their ids: nothing is kept twice,
 * and memory stays flat.
 */
export function continuationOf(
  blocks: readonly KeptBlock[],
  container: string,
): Continuation | undefined {
  const whole = blocks.filter(
    ({ block, ended }) => ended && (block.type !== 'thinking' || textOf(block['signature'])),
  )
  if (!container && whole.every(({ block }) => isPlain(block))) return undefined
  const data = {
    blocks: whole.map(({ block, length }) => {
      if (block.type === 'text') return { ...block, length }
      if (block.type !== 'tool_use') return block
      const { name: _, input: __, ...rest } = block
      return rest
    }),
    ...(container && { container }),
  }
  return { dialect: 'anthropic', data }
}

/** Whether the message's content and calls tell all of a block. */
function isPlain({ type, citations, caller, toolset_name }: Block): boolean {
  if (type === 'text') return !citations?.[0]
  const isDirect = caller == null || fieldsOf(caller)['type'] === 'direct'
  return type === 'tool_use' && isDirect && !toolset_name
}

/** What a message's continuation holds: empty where it is of another dialect. */
export function keptOf({ continuation }: AssistantMessage): { readonly [field: string]: unknown } {
  return fieldsOf(continuation?.dialect === 'anthropic' && continuation.data)
}

/**
 * The content blocks of an assistant's message: those of its continuation, unmodified, with its
 * text and calls in their places; or made of the message alone.
 */
export function blocksOf(
  message: AssistantMessage,
  encodeCall: (call: ToolCall) => RequestBlock,
): RequestBlock[] {
  const { content, toolCalls = [] } = message
  const kept = [keptOf(message)['blocks']].flat().filter(isRecord)
  const lengthOf = (block: { readonly [field: string]: unknown }): number =>
    Number(block['type'] === 'text' && block['length']) || 0
  const total = kept.reduce((sum, block) => sum + lengthOf(block), 0)
  // A text that was changed since has no places any more.
  let rest = total === content.length ? '' : content
  let position = 0
  const calls = new Map(toolCalls.map((call) => [call.id, call]))
  const blocks: RequestBlock[] = []
  const addText = (block: RequestBlock, text: string): void => {
    if (text) blocks.push({ ...block, type: 'text', text })
  }
  for (const block of kept) {
    const { type, id } = block
    if (type === 'text') {
      const { length: _, ...own } = block
      const end = position + lengthOf(block)
      if (total === content.length) addText(own, content.slice(position, end))
      position = end
    } else if (type === 'tool_use') {
      addText({}, rest)
      rest = ''
      const call = calls.get(textOf(id))
      if (call) blocks.push({ ...block, ...encodeCall(call) })
      calls.delete(textOf(id))
    } else {
      blocks.push({ ...block })
    }
  }
  addText({}, rest)
  for (const call of calls.values()) blocks.push(encodeCall(call))
  return blocks
}
