import { createGateway, type Provider } from 'ratatoskr'
import { describe, expect, it } from 'vitest'
import { base, createKit, headersOf } from '../../test/relay-kit.ts'

const asked = (stream: boolean, init: RequestInit = {}): Request =>
  new Request(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: headersOf({}),
    body: JSON.stringify({
      model: 'vendor/model',
      messages: [{ role: 'user', content: 'Hi' }],
      stream,
    }),
    ...init,
  })

// Not every host aborts the request's signal; a body that is cancelled has to do.
describe('a client that goes away', () => {
  it('before the first event stops the provider, by the body alone', async () => {
    const { relay, upstream, entries } = createKit({
      streams: { statusMs: 5 },
      simulator: { script: [{ wait: 3_600_000 }] },
    })
    const response = await relay(asked(true))
    expect([response.status, upstream[0]?.signal.aborted]).toEqual([200, false])
    await response.body?.cancel()
    expect(upstream[0]?.signal.aborted).toBe(true)
    expect(entries).toMatchObject([{ ended: 'detached', status: 200, events: 0 }])
  })

  it('in the middle of a reply stops it, too', async () => {
    const { relay, upstream, entries } = createKit({
      simulator: { script: [{ text: 'a' }, { wait: 3_600_000 }] },
    })
    const reader = (await relay(asked(true))).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(upstream[0]?.signal.aborted).toBe(true)
    expect(entries).toMatchObject([{ ended: 'detached', events: 1 }])
  })

  it('for a while lets the provider wait: nothing is read ahead of it', async () => {
    let reads = 0
    const provider: Provider = {
      name: 'counted',
      accepts: () => true,
      open: async () => ({
        async read(emit) {
          reads += 1
          emit({ type: 'content', text: 'a' })
          return true
        },
        cancel() {},
      }),
    }
    const { relay } = createKit({ gateway: createGateway({ providers: [provider] }) })
    const reader = (await relay(asked(true))).body?.getReader()
    for (let i = 1; i <= 5; i += 1) {
      await reader?.read()
      await new Promise((resolve) => {
        setTimeout(resolve, 1)
      })
      expect(reads).toBe(i)
    }
    await reader?.cancel()
  })

  it('by its signal is logged as gone, streamed or not', async () => {
    for (const stream of [true, false]) {
      const { relay, upstream, entries } = createKit({
        simulator: { script: [{ wait: 3_600_000 }] },
      })
      const controller = new AbortController()
      const answering = relay(asked(stream, { signal: controller.signal }))
      while (upstream.length === 0) {
        await new Promise((resolve) => {
          setTimeout(resolve, 1)
        })
      }
      controller.abort()
      await answering
      expect(upstream[0]?.signal.aborted).toBe(true)
      expect(entries).toMatchObject([{ ended: 'detached' }])
    }
  })
})
