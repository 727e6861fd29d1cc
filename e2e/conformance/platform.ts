// What the library takes from the platform, checked without the library: when one of these fails,
// the engine, the harness or the fixture server is at fault.

import { equal, fail, ok, rejection, sleep } from './assert.ts'
import { closed, newId, observe, post, seen, silence } from './server.ts'
import type { ConformanceCase } from './types.ts'
import { opening } from '../server/replies.mjs'

/** Reads what the reply `silent` has to say. */
async function untilSilent(response: Response): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const reader = response.body?.getReader()
  ok(reader, 'there is a body')
  let left = new TextEncoder().encode(opening).length
  while (left > 0) left -= (await reader.read()).value?.length ?? fail('the body ended')
  await silence()
  return reader
}

/** The kind of global scope, by the place in a browser. */
const scopes = {
  page: 'Window',
  worker: 'DedicatedWorkerGlobalScope',
  'service-worker': 'ServiceWorkerGlobalScope',
}

export const platformCases: readonly ConformanceCase[] = [
  {
    name: 'platform: the suite runs where it should',
    needs: ['preflights'],
    async run({ place }) {
      equal(globalThis.constructor.name, scopes[place ?? 'page'], 'the global scope')
    },
  },
  {
    name: 'platform: fetch streams a body as text',
    async run(context) {
      const response = await post(context, 'bytes')
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      ok(reader, 'there is a body')
      let text = ''
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        text += value
      }
      ok(text.includes('🐿️') && text.includes('世界'), 'multi-byte characters survive')
      ok(text.endsWith('data: [DONE]\n\n'), 'the body is whole')
    },
  },
  {
    name: 'platform: reader.cancel() closes the socket',
    needs: ['cancelCloses'],
    async run(context) {
      const id = newId()
      const response = await post(context, 'silent', { id })
      const reader = await untilSilent(response)
      await reader.cancel()
      await closed(context, id)
    },
  },
  {
    name: 'platform: an abort closes the socket and rejects with the reason',
    async run(context) {
      const id = newId()
      const controller = new AbortController()
      const response = await post(context, 'silent', { id, signal: controller.signal })
      const reader = await untilSilent(response)
      const read = rejection(reader.read(), 'the read')
      controller.abort()
      equal(((await read) as Error).name, 'AbortError', 'the reason')
      await closed(context, id)
    },
  },
  {
    name: 'platform: an idle reader pauses the socket',
    needs: ['pausesSocket'],
    async run(context) {
      const id = newId()
      const response = await post(context, 'endless', { id })
      const reader = response.body?.getReader()
      await reader?.read()
      await sleep(700)
      const { bytesWritten } = await observe(context, id)
      await sleep(300)
      equal((await observe(context, id)).bytesWritten, bytesWritten, 'bytes written meanwhile')
      ok(bytesWritten < 16 * 1024 * 1024, `the server wrote only ${bytesWritten} bytes`)
      await reader?.cancel()
      await closed(context, id)
    },
  },
  {
    name: 'platform: a header that is not allowed fails the preflight',
    needs: ['preflights'],
    async run(context) {
      const error = await rejection(
        post(context, 'text', {
          headers: { 'content-type': 'application/json', 'x-sdk-version': '1' },
        }),
        'the request',
      )
      ok(error instanceof TypeError, `a TypeError: ${String(error)}`)
    },
  },
  {
    name: 'platform: the server sees a reply that was read to the end as finished',
    async run(context) {
      const id = newId()
      const response = await post(context, 'text', { id })
      await response.text()
      const observed = await seen(context, id, 'finished', ({ finished }) => finished)
      equal(observed.closedByClient, false, 'closed by the client')
    },
  },
]
