import { RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { isRecord } from '../../json/predicate.ts'
import type { ToolCallDelta } from './chunk.ts'

type Emit = (event: ChatEvent) => void

interface OpenCall {
  /** The index in our events; unset until the call's name is known. */
  index?: number
  wireId?: string
  name: string
  custom: boolean
  arguments: string
  ended: boolean
}

/**
 * Puts the deltas of tool calls together. Hosts leave ids and indexes out, repeat them, or send
 * them late, so a delta is matched by its id, else by its index, else it belongs to the last call;
 * a new id, or a new name on a call that is already whole, opens another one.
 */
export class ToolCalls {
  readonly #calls: OpenCall[] = []
  readonly #byIndex = new Map<number, OpenCall>()
  readonly #byId = new Map<string, OpenCall>()
  readonly #ids = new Set<string>()
  readonly #callId: (index: number) => string
  readonly #maxSize: number
  #started = 0
  #size = 0

  constructor(callId: (index: number) => string, maxSize: number) {
    this.#callId = callId
    this.#maxSize = maxSize
  }

  /** Whether any call has appeared. */
  get any(): boolean {
    return this.#calls.length > 0
  }

  take(delta: ToolCallDelta, emit: Emit): void {
    const name = delta.function?.name || delta.custom?.name || undefined
    const id = typeof delta.id === 'number' ? String(delta.id) : delta.id
    const wireId = typeof id === 'string' && id !== '' ? id : undefined
    const index = delta.index ?? undefined
    const call = this.#find(wireId, index, name) ?? this.#open(index)

    if (wireId !== undefined) {
      call.wireId ??= wireId
      this.#byId.set(wireId, call)
    }
    if (delta.custom) call.custom = true
    if (name !== undefined && call.name === '') call.name = name
    const piece = argumentsText(delta.custom ? delta.custom.input : delta.function?.arguments)
    if (piece !== '' && call.ended) {
      if (piece.trim() === '') return
      throw new RatatoskrError(
        'protocol',
        `Cannot read the reply: arguments of tool call ${call.index} came after the call had ended. ` +
          'The server does not keep to the format.',
      )
    }
    this.#size += piece.length
    if (this.#size > this.#maxSize) {
      throw new RatatoskrError(
        'too_large',
        `Cannot collect the tool calls: their arguments pass ${this.#maxSize} characters.`,
      )
    }
    call.arguments += piece
    if (call.index !== undefined) {
      if (piece !== '') emit({ type: 'tool_call_delta', index: call.index, arguments: piece })
    } else if (call.name !== '') {
      this.#start(call, emit)
    }
  }

  /**
   * Ends every call that is whole. Returns whether all are: with `strict`, a call without
   * arguments is not, for nobody said that it is over.
   */
  close(strict: boolean, emit: Emit): boolean {
    let all = true
    for (const call of this.#calls) {
      if (call.ended) continue
      if (call.index === undefined || !isWhole(call, strict)) {
        all = false
        continue
      }
      call.ended = true
      emit({ type: 'tool_call_end', index: call.index })
    }
    return all
  }

  /** Whether at least one call was completed. */
  get anyEnded(): boolean {
    return this.#calls.some((call) => call.ended)
  }

  /** Whether a call never got its name, so that nobody could be told of it. */
  get anyNameless(): boolean {
    return this.#calls.some((call) => call.index === undefined)
  }

  #find(
    id: string | undefined,
    index: number | undefined,
    name: string | undefined,
  ): OpenCall | undefined {
    const known = id === undefined ? undefined : this.#byId.get(id)
    if (known !== undefined) return known
    const candidate = index === undefined ? this.#calls.at(-1) : this.#byIndex.get(index)
    if (candidate === undefined) return undefined
    if (id !== undefined) {
      // A late id belongs to the call; another one opens a call of its own.
      const late = candidate.wireId === undefined && (name === undefined || candidate.name === '')
      return late ? candidate : undefined
    }
    if (name === undefined || candidate.name === '') return candidate
    const repeated = index !== undefined && name === candidate.name && !isWhole(candidate, true)
    return repeated ? candidate : undefined
  }

  #open(index: number | undefined): OpenCall {
    const call: OpenCall = { name: '', custom: false, arguments: '', ended: false }
    this.#calls.push(call)
    if (index !== undefined) this.#byIndex.set(index, call)
    return call
  }

  #start(call: OpenCall, emit: Emit): void {
    const index = this.#started
    this.#started += 1
    call.index = index
    let id = call.wireId ?? this.#callId(index)
    while (call.wireId === undefined && this.#ids.has(id)) id += '_'
    this.#ids.add(id)
    const { name } = call
    emit(
      call.custom
        ? { type: 'tool_call_start', index, id, name, kind: 'custom' }
        : { type: 'tool_call_start', index, id, name },
    )
    if (call.arguments !== '') emit({ type: 'tool_call_delta', index, arguments: call.arguments })
  }
}

function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value
  return isRecord(value) ? JSON.stringify(value) : ''
}

function isWhole(call: OpenCall, strict: boolean): boolean {
  if (call.custom) return !strict || call.arguments !== ''
  if (call.arguments.trim() === '') return !strict
  try {
    const value: unknown = JSON.parse(call.arguments)
    return isRecord(value) && !Array.isArray(value)
  } catch {
    return false
  }
}
