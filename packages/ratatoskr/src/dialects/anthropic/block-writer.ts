import type { SseFrame } from '../../frames/sse-encoder.ts'
import { stringify } from '../api-error.ts'

export type Json = { [field: string]: unknown }
export type Emit = (frame: SseFrame) => void

/** The types of blocks that are written piece by piece. */
export type BlockType = 'text' | 'thinking'

/** Writes content blocks as frames, one after the other: no two are open at once. */
export interface BlockWriter {
  /** Writes one event of the format. */
  write(type: string, fields: Json, emit: Emit): void
  /** Begins a block and tells its index. What was open is closed. */
  start(block: Json, emit: Emit): number
  /** Begins a block of text or thinking, which is empty yet. */
  startText(type: BlockType, fields: Json, emit: Emit): void
  /** Adds to the open block of this type; begins one where there is none, or it is over. */
  addText(type: BlockType, text: string, emit: Emit): void
  /** Adds something else than text to it. */
  addField(type: BlockType, delta: Json, emit: Emit): void
  /** Adds to this block, if it is the one that is open. */
  writeDelta(index: number, delta: Json, emit: Emit): void
  /** Closes this block, if it is the one that is open. */
  stop(index: number, emit: Emit): void
  /** Closes the block that is open, of whatever type. */
  close(emit: Emit): void
  /** What comes next is of another block, if this one has any text. */
  endText(): void
}

/** Makes a {@link BlockWriter}. */
export function writeBlocks(): BlockWriter {
  let open: { type?: BlockType; index: number; hasText: boolean; isOver: boolean } | undefined
  let next = 0

  const write: BlockWriter['write'] = (type, fields, emit) => {
    const data = stringify({ type, ...fields })
    // What a host nested too deep cannot be written.
    if (data) emit({ event: type, data })
  }
  const writeDelta: BlockWriter['writeDelta'] = (index, delta, emit) => {
    if (open?.index === index) write('content_block_delta', { index, delta }, emit)
  }
  const stop: BlockWriter['stop'] = (index, emit) => {
    if (open?.index !== index) return
    open = undefined
    write('content_block_stop', { index }, emit)
  }
  const close: BlockWriter['close'] = (emit) => {
    if (open) stop(open.index, emit)
  }
  const start: BlockWriter['start'] = (block, emit) => {
    close(emit)
    const index = next++
    open = { index, hasText: false, isOver: false }
    write('content_block_start', { index, content_block: block }, emit)
    return index
  }
  const startText: BlockWriter['startText'] = (type, fields, emit) => {
    const empty = type === 'text' ? { text: '' } : { thinking: '', signature: '' }
    open = {
      type,
      index: start({ type, ...fields, ...empty }, emit),
      hasText: false,
      isOver: false,
    }
  }

  return {
    write,
    writeDelta,
    stop,
    close,
    start,
    startText,
    addText(type, text, emit) {
      if (open?.type !== type || open.isOver) startText(type, {}, emit)
      if (!open) return
      open.hasText = true
      const delta =
        type === 'text' ? { type: 'text_delta', text } : { type: 'thinking_delta', thinking: text }
      writeDelta(open.index, delta, emit)
    },
    addField(type, delta, emit) {
      if (open?.type !== type) startText(type, {}, emit)
      if (open) writeDelta(open.index, delta, emit)
    },
    endText() {
      if (open) open.isOver = open.hasText
    },
  }
}
