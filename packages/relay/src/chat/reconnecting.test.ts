import type { Script } from '@ratatoskr/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { connections, lineOf, readOver, scripts } from '../../test/broken-connections.ts'
import { chatRequest, createKit, sseOf, streamRequest, type Kit } from '../../test/relay-kit.ts'
import { createStreamId } from '../wire/stream-id.ts'

const kitOf = (script: Script): Kit =>
  createKit({ simulator: { script, pace: { perDelta: 3 } }, limits: { requestsPerMinute: 1e9 } })

it('gives the uninterrupted events, whatever breaks wherever, of one request upstream', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, connections, async (script, attempts) => {
      const uninterrupted = await sseOf(await kitOf(script).relay(chatRequest()))
      const { relay, upstream, host, entries } = kitOf(script)
      const id = createStreamId()
      const { received, asked } = await readOver(attempts, {
        post: (after) => relay(chatRequest({ id, ...(after > 0 && { after }) })),
        get: (after) => relay(streamRequest('GET', id, { after })),
      })
      expect(received.map(lineOf)).toEqual(uninterrupted.map(lineOf))
      expect(received.map((event) => event.id)).toEqual(received.map((_, i) => String(i + 1)))
      expect(upstream).toHaveLength(1)
      // Each request has its entry, and only one of them is the reply's end.
      expect(entries).toHaveLength(asked)
      host.close()
    }),
    { numRuns: 150 },
  )
})

it('begins one reply however many ask at once, before its first event', async () => {
  const { relay, upstream, host } = kitOf([{ wait: 5 }, { text: 'One for all.' }])
  const id = createStreamId()
  const responses = await Promise.all(Array.from({ length: 20 }, () => relay(chatRequest({ id }))))
  const all = await Promise.all(responses.map(sseOf))
  expect(new Set(all.map((events) => events.map(lineOf).join('\n'))).size).toBe(1)
  expect(upstream).toHaveLength(1)
  host.close()
})
