import type { Reply } from '../state/reply.ts'

/** A figure under a reply. */
export interface Fact {
  name: string
  value: string
  /** What it is, in a sentence. */
  title: string
}

const none = '–'

/** The figures of a reply. The same ones at all times, so that nothing moves when one is known. */
export function factsOf(reply: Reply): Fact[] {
  const { times, events, usage, rate, state, finishReason, rawFinishReason } = reply
  const first = times.firstEvent === undefined ? none : duration(times.firstEvent - times.began)
  const reasoning = usage?.reasoningTokens ? `, ${usage.reasoningTokens} of them reasoning` : ''
  const cached = usage?.cachedTokens ? `, ${usage.cachedTokens} of them cached` : ''
  return [
    { name: 'First event', value: first, title: 'Time from the request to the first event' },
    { name: 'Events', value: events.toLocaleString('en'), title: 'Chat events so far' },
    {
      name: 'Events/s',
      value: rate === undefined ? none : Math.round(rate).toLocaleString('en'),
      title: 'Events per second, from the first to the last',
    },
    {
      name: 'Tokens',
      value: usage === undefined ? none : `${usage.promptTokens} + ${usage.completionTokens}`,
      title:
        usage === undefined
          ? 'Tokens of the request and of the reply, told at its end'
          : `${usage.promptTokens} tokens of the request${cached}; ${usage.completionTokens} of the reply${reasoning}`,
    },
    {
      name: 'Cost',
      value: usage?.cost === undefined ? none : dollars(usage.cost),
      title: 'US dollars, where the provider tells it',
    },
    {
      name: 'End',
      value: state === 'complete' ? (finishReason ?? none) : reply.isRunning ? none : state,
      title:
        rawFinishReason === undefined ? 'Why it ended' : `The provider says: ${rawFinishReason}`,
    },
  ]
}

/** Milliseconds, as people read them. */
export function duration(time: number): string {
  return time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(2)} s`
}

function dollars(cost: number): string {
  return `$${cost < 0.01 ? cost.toPrecision(2) : cost.toFixed(2)}`
}
