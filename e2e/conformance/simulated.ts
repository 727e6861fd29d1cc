// Every dialect against the testkit's simulator, over HTTP.

import type { ChatStream, ErrorCode } from 'ratatoskr'
import { createGateway } from 'ratatoskr'
import type { Fault, Script, ScriptedFault } from '@ratatoskr/testkit'
import { equal, ok, rejection, sleep } from './assert.ts'
import { dialects, key } from './dialects.ts'
import type { Dialect } from './dialects.ts'
import { canonical, messages, outcome, outcomeOf, ratatoskrError } from './gateway-helpers.ts'
import { eventsSayEverything, everything } from './said.ts'
import { closed, drainTime, newId, observe, silence, simulated } from './server.ts'
import type { Simulated } from './server.ts'
import type { ConformanceCase, ConformanceContext } from './types.ts'

const model = 'simulated-1'

interface Ask extends Simulated {
  id?: string
  signal?: AbortSignal
}

/** A stream of what is simulated. */
function open(context: ConformanceContext, dialect: Dialect, asked: Ask): Promise<ChatStream> {
  const { id = newId(), signal, ...setup } = asked
  const provider = dialect.provider(simulated(context, id, setup))
  const gateway = createGateway({ providers: [provider], retry: false })
  return gateway.chatStream(messages, { model, ...(signal && { signal }) })
}

const said = { text: 'one two three four' }

/** What goes wrong after something was said, and the code of it. */
const late: readonly (readonly [kind: ScriptedFault['kind'], code: ErrorCode])[] = [
  ['cut', 'truncated'],
  ['error', 'overloaded'],
  ['badJson', 'protocol'],
]

/** What comes instead of a reply, and the code of it. */
const early: readonly (readonly [fault: Fault, code: ErrorCode])[] = [
  [{ kind: 'status', status: 429 }, 'rate_limited'],
  [{ kind: 'status', status: 503 }, 'overloaded'],
  [{ kind: 'contentType' }, 'protocol'],
]

/** An engine may take away what had arrived with the connection: then there was no event, and no text. */
async function brokenOff(context: ConformanceContext, dialect: Dialect): Promise<void> {
  const script = [said, { fault: { kind: 'reset' } as const }]
  const { events, error } = await outcomeOf(open(context, dialect, { script }))
  const failure = ratatoskrError(error, 'reset')
  equal(failure.code, events.length > 0 ? 'truncated' : 'network', 'reset: the code')
  const text = events.map((event) => (event.type === 'content' ? event.text : '')).join('')
  equal(failure.partial?.content ?? '', text, 'reset: the partial text')
  ok(said.text.startsWith(text), `reset: the text: ${text}`)
}

async function stoppedByBreak(
  context: ConformanceContext,
  dialect: Dialect,
  script: Script,
): Promise<void> {
  const id = newId()
  for await (const event of await open(context, dialect, { id, script })) {
    equal(event.type, 'content', 'the first event')
    await silence()
    break
  }
  await closed(context, id, drainTime)
}

async function stoppedByAbort(
  context: ConformanceContext,
  dialect: Dialect,
  script: Script,
): Promise<void> {
  const id = newId()
  const controller = new AbortController()
  const { signal } = controller
  const stream = await open(context, dialect, { id, script, signal })
  const reading = rejection(stream.response(), 'response()')
  await silence()
  controller.abort(new Error('enough'))
  ok((await reading) === signal.reason, 'the reason')
  await closed(context, id, drainTime)
}

const casesOf = (dialect: Dialect): ConformanceCase[] => [
  {
    name: `simulated: ${dialect.name}: a reply with everything, however its bytes are cut`,
    async run(context) {
      for (const split of ['event', { seed: 5 }] as const) {
        const setup = { script: everything, split, keys: [key] }
        const { events, error } = await outcome(await open(context, dialect, setup))
        const what = JSON.stringify(split)
        equal(error, undefined, `${what}: the error`)
        await eventsSayEverything(events, [dialect], what)
      }
    },
  },
  {
    name: `simulated: ${dialect.name}: each fault has its code, and what came before is not lost`,
    async run(context) {
      const afterText = late.map(async ([kind, code]) => {
        const script = [said, { fault: { kind } }]
        const { events, error } = await outcome(await open(context, dialect, { script }))
        const failure = ratatoskrError(error, kind)
        equal(failure.code, code, `${kind}: the code`)
        equal(canonical(events), [{ type: 'content', text: said.text }], `${kind}: the events`)
        equal(failure.partial?.content, said.text, `${kind}: the partial text`)
      })
      const instead = early.map(async ([fault, code]) => {
        const what = JSON.stringify(fault)
        const opening = open(context, dialect, { script: [said], faults: [fault] })
        equal(ratatoskrError(await rejection(opening, what), what).code, code, `${what}: the code`)
      })
      await Promise.all([...afterText, ...instead, brokenOff(context, dialect)])
    },
  },
  {
    name: `simulated: ${dialect.name}: break and abort close the socket while the model is silent`,
    async run(context) {
      const script = [{ text: 'one' }, { wait: 600_000 }, { text: 'two' }]
      await Promise.all([
        stoppedByBreak(context, dialect, script),
        stoppedByAbort(context, dialect, script),
      ])
    },
  },
]

export const simulatedCases: readonly ConformanceCase[] = [
  ...dialects.flatMap(casesOf),
  {
    name: 'simulated: an idle reader pauses the server, in every dialect',
    needs: ['pausesSocket'],
    async run(context) {
      // More than the sockets' own buffers hold, 36 MiB where Linux is set up for fast networks
      // (tcp_rmem and tcp_wmem of tcp(7)).
      const script = [{ text: 'y'.repeat(6 * 1024) }]
      const setup = { script, repeat: 12 * 1024, pace: { perDelta: 6 * 1024 } }
      await Promise.all(
        dialects.map(async (dialect) => {
          const id = newId()
          const stream = await open(context, dialect, { ...setup, id })
          const iterator = stream[Symbol.asyncIterator]()
          for (let count = 0; count < 3; count += 1) await iterator.next()
          const { bytesWritten } = await standstill(context, id)
          ok(bytesWritten < 48 * 1024 * 1024, `${dialect.name}: ${bytesWritten} bytes are written`)
          await iterator.return?.()
          await closed(context, id, drainTime)
        }),
      )
    },
  },
]

/** Waits until the server writes no more, though the reply is not over. */
async function standstill(context: ConformanceContext, id: string): ReturnType<typeof observe> {
  for (let last = -1; ;) {
    const observed = await observe(context, id)
    ok(!observed.finished, 'the whole reply is written')
    if (observed.bytesWritten === last) return observed
    last = observed.bytesWritten
    await sleep(500)
  }
}
