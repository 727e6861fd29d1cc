import type { Continuation } from '../../event.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { AssistantMessage, ToolCall } from '../../message.ts'
import { replay } from '../replay.ts'
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
  const kept = whole.map(({ block, length }) => {
    const { name: _, input: __, id: call, ...rest } = block
    return block.type === 'tool_use'
      ? { ...rest, call }
      : block.type === 'text'
        ? { ...block, length }
        : block
  })
  return { dialect: 'anthropic', data: { blocks: kept, ...(container && { container }) } }
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
  return replay<RequestBlock>(message, keptOf(message)['blocks'], {
    text: (text, own) => ({ ...own, type: 'text', text }),
    call: (call, own) => ({ ...own, ...encodeCall(call) }),
    other: (own) => own,
  })
}
