import { checkSize, defaultLimit, need } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import { stringify } from '../api-error.ts'
import type { ToolCallDelta } from './chunk.ts'

type Emit = (event: ChatEvent) => void

interface OpenCall {
  /** The index in our events; unset until the call's name is known. */
  index?: number
  wireId: string
  name: string
  arguments: string
  /** Their last character: to parse them with each delta would not be linear. */
  last?: string | undefined
  ended: boolean
  /** The arguments are free text. */
  custom: boolean
}

/** The calls of one reply, put together from their deltas. */
export interface ToolCalls {
  take(delta: ToolCallDelta, emit: Emit): void
  /**
   * Ends every call that is whole. With `strict`, a call without arguments is not, for nobody said
   * that it is over.
   */
  close(strict: boolean, emit: Emit): void
  readonly calls: readonly { readonly name: string; readonly ended: boolean }[]
}

/**
 * Puts the deltas of tool calls together. Hosts leave ids and indexes out, repeat them, or send
 * them late, so a delta is matched by its id, else by its index, else it belongs to the last call;
 * a new id, or a new name on a call that is already whole, opens another one.
 */
export function assembleToolCalls(callId: (index: number) => string): ToolCalls {
  const calls: OpenCall[] = []
  const byIndex = new Map<unknown, OpenCall>()
  const byId = new Map<string, OpenCall>()
  let started = 0
  let size = 0

  const find = (id: string, index: unknown, name: string): OpenCall | undefined => {
    const call = index == null ? calls.at(-1) : byIndex.get(index)
    const isNew = call?.name && name
    if (!call || !(id || isNew)) return call
    // A late id belongs to the call; another one opens a call of its own.
    if (id) return call.wireId || isNew ? undefined : call
    const repeats =
      index != null && name === call.name && (call.last !== '}' || !isWhole(call, true))
    return repeats ? call : undefined
  }

  const take: ToolCalls['take'] = (delta, emit) => {
    const { index: wireIndex, id: wireId, function: sent, custom } = delta
    // A custom call is like one of a function but for its arguments, which are free text.
    const free = fieldsOf(custom)
    const name = sent?.name || textOf(free['name'])
    const id = textOf(wireId)
    let call = byId.get(id) ?? find(id, wireIndex, name)
    if (!call) {
      call = { wireId: '', name: '', arguments: '', ended: false, custom: !!custom }
      calls.push(call)
      byIndex.set(wireIndex, call)
    }
    if (id) byId.set(id, call)
    call.wireId ||= id
    call.name ||= name

    const args = sent?.arguments ?? free['input']
    const piece = isRecord(args) ? stringify(args) : textOf(args)
    need(piece || !isRecord(args), 'protocol', 'A tool call must be JSON')
    if (call.ended) {
      need(!piece.trim(), 'protocol', 'A tool call must end')
      return
    }
    size += piece.length
    checkSize('the limit of tool calls', size, defaultLimit)
    call.arguments += piece
    call.last = piece.trim().at(-1) ?? call.last
    let fresh = piece
    if (call.index === undefined) {
      if (!call.name) return
      const index = started++
      let made = call.wireId || callId(index)
      // An id that was made up may be one that the wire has used.
      while (!call.wireId && byId.has(made)) made += '_'
      byId.set(made, call)
      call.index = index
      fresh = call.arguments
      const { name: called, custom: isCustom } = call
      emit({
        type: 'tool_call_start',
        index,
        id: made,
        name: called,
        ...(isCustom && { kind: 'custom' }),
      })
    }
    if (fresh) emit({ type: 'tool_call_delta', index: call.index, arguments: fresh })
  }

  return {
    calls,
    take,
    close(strict, emit) {
      for (const call of calls) {
        if (call.ended || call.index === undefined || !isWhole(call, strict)) continue
        call.ended = true
        emit({ type: 'tool_call_end', index: call.index })
      }
    },
  }
}

function isWhole({ arguments: text, custom }: OpenCall, strict: boolean): boolean {
  return text.trim() && !custom ? isJsonObject(text) : !strict
}
