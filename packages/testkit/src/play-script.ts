import type { ChatEvent, FinishReason, Message } from 'ratatoskr'
import { usageCounter } from './count-usage.ts'
import { cutText } from './cut-text.ts'
import type { SimulatedDialect } from './dialects/simulated-dialect.ts'
import type { Pace, Script, ScriptedCall, ScriptedFault, Step } from './script.ts'

/** One thing that happens while a script is played. */
export type Beat = { event: ChatEvent } | { wait: number } | { fault: ScriptedFault }

/** What a script is played for. */
export interface PlayOptions {
  messages: readonly Message[]
  pace: Pace
  service: SimulatedDialect
}

/** Plays a script: events, each text cut into deltas, and the pauses between them. */
export function* playScript(
  script: Script,
  options: PlayOptions,
): Generator<Beat, void, undefined> {
  const { messages, service } = options
  const { perDelta = 'word', delay = 0, firstDelay = 0 } = options.pace
  const counter = usageCounter(messages)
  const turn = messages.filter(({ role }) => role === 'assistant').length
  let calls = 0
  let end: FinishReason = 'stop'
  let usage = {}
  let thought = ''
  let begun = false

  function* say(events: Iterable<ChatEvent>): Generator<Beat, void, undefined> {
    for (const event of events) {
      const time = begun ? delay : firstDelay
      begun = true
      if (time > 0) yield { wait: time }
      counter.add(event)
      yield { event }
    }
  }

  function* call(scripted: ScriptedCall): Generator<Beat, void, undefined> {
    const index = calls
    calls += 1
    const id = scripted.id ?? `${service.ids.call}sim_${turn}_${index}`
    const { name, cutAfter } = scripted
    const text = argumentsOf(scripted)
    // JSON has no words.
    const pieces = cutText(text.slice(0, cutAfter), perDelta === 'word' ? 8 : perDelta)
    yield* say([
      { type: 'tool_call_start', index, id, name },
      ...pieces.map((piece) => ({ type: 'tool_call_delta', index, arguments: piece }) as const),
    ])
    if (cutAfter === undefined) yield { event: { type: 'tool_call_end', index } }
    end = cutAfter === undefined ? 'tool_calls' : 'length'
  }

  function* play(step: Step): Generator<Beat, void, undefined> {
    if ('text' in step) {
      yield* say(cutText(step.text, perDelta).map((text) => ({ type: 'content', text })))
    } else if ('reasoning' in step) {
      thought += step.reasoning
      yield* say(cutText(step.reasoning, perDelta).map((text) => ({ type: 'reasoning', text })))
    } else if ('refusal' in step) {
      end = service.refusalFinish
      yield* say(cutText(step.refusal, perDelta).map((text) => ({ type: 'refusal', text })))
    } else if ('toolCalls' in step) {
      for (const scripted of step.toolCalls) yield* call(scripted)
    } else if ('citation' in step) {
      yield { event: { type: 'citation', citation: step.citation } }
    } else if ('image' in step) {
      yield { event: { type: 'image', image: step.image } }
    } else if ('redacted' in step) {
      for (const event of service.redact(step.redacted)) yield { event }
    } else if ('usage' in step) {
      ;({ usage } = step)
    } else if ('wait' in step || 'fault' in step) {
      yield step
    } else if ('event' in step) {
      yield step
    }
  }

  for (const step of script) {
    const goesOn = 'reasoning' in step || 'wait' in step || 'usage' in step
    if (thought && !goesOn) {
      const signed = service.sign(thought)
      thought = ''
      if (signed) yield { event: signed }
    }
    if ('event' in step && step.event.type === 'done') {
      yield step
      return
    }
    if ('finish' in step) {
      yield* finish(step.finish)
      return
    }
    yield* play(step)
  }
  const signed = thought && service.sign(thought)
  if (signed) yield { event: signed }
  yield* finish(end)

  function* finish(reason: string): Generator<Beat, void, undefined> {
    yield { event: { type: 'usage', usage: withTotal(counter.usage(), usage) } }
    const known = finishReasons.find((word) => word === reason)
    const finishReason = known ?? service.finishWords[reason] ?? 'other'
    yield {
      event: {
        type: 'done',
        finishReason,
        ...(known === undefined && { rawFinishReason: reason }),
      },
    }
  }
}

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'other'] as const

type Counts = ReturnType<ReturnType<typeof usageCounter>['usage']>

function withTotal(counted: Counts, given: Partial<Counts>): Counts {
  const usage = { ...counted, ...given }
  const { promptTokens, completionTokens } = usage
  return { ...usage, totalTokens: given.totalTokens ?? promptTokens + completionTokens }
}

function argumentsOf({ arguments: given = {} }: ScriptedCall): string {
  return typeof given === 'string' ? given : JSON.stringify(given)
}
