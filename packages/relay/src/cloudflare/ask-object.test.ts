import { RatatoskrError } from 'ratatoskr'
import { describe, expect, it, vi } from 'vitest'
import { Refusal } from '../refusal.ts'
import { askObject } from './ask-object.ts'
import { carryFailure } from './carried-failure.ts'
import type { ObjectStub } from './platform.ts'

function createNamespace(...answers: (() => Response)[]) {
  let asked = 0
  const fetch = vi.fn<ObjectStub['fetch']>(async () => {
    const answer = answers[Math.min(asked, answers.length - 1)]
    asked += 1
    return answer?.() ?? new Response(null, { status: 404 })
  })
  const get = vi.fn<(id: object) => ObjectStub>(() => ({ fetch }))
  return { fetch, get, idFromName: (name: string) => ({ name }) }
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return error
  }
}

const fail = (own: object) => () => {
  throw Object.assign(new Error('gone at 10.0.0.1'), own)
}

describe('askObject', () => {
  it('asks again, by another stub, where the object was reset', async () => {
    const namespace = createNamespace(fail({ durableObjectReset: true }), () => new Response('Yes'))
    const response = await askObject(namespace, 'a', 'stream/open', { after: 1 })
    expect(await response.text()).toBe('Yes')
    expect(namespace.get.mock.calls).toEqual([[{ name: 'a' }], [{ name: 'a' }]])
    const body = JSON.stringify({ after: 1 })
    expect(namespace.fetch.mock.calls[1]).toEqual([
      'https://relay/stream/open',
      { method: 'POST', body },
    ])
  })

  it('gives up after a few times, and at once where it is overloaded', async () => {
    const gone = createNamespace(fail({}))
    await expect(askObject(gone, 'a', 'b')).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      message: 'The Durable Object of the relay could not be asked.',
    })
    expect(gone.fetch).toHaveBeenCalledTimes(3)
    const full = createNamespace(fail({ overloaded: true, retryable: true }))
    await expect(askObject(full, 'a', 'b')).rejects.toMatchObject({ code: 'overloaded' })
    expect(full.fetch).toHaveBeenCalledTimes(1)
  })

  it.each([
    new Refusal(410, 'cancelled', 'Too late.'),
    new Refusal(503, 'overloaded', 'Full.', { retryable: true, retryAfter: 1000 }),
    new RatatoskrError('rate_limited', 'Slow down.', {
      provider: 'one',
      status: 429,
      requestId: 'req_1',
      retryAfter: 7000,
      retryable: true,
      providerMessage: 'Slow down, you.',
    }),
  ])('throws what was thrown there: $message', async (error) => {
    const namespace = createNamespace(() => carryFailure(error))
    const thrown: unknown = await caught(askObject(namespace, 'a', 'b'))
    expect(thrown).toBeInstanceOf(error.constructor)
    expect(thrown).toEqual(error)
    expect(Object.entries(thrown ?? {})).toEqual(
      expect.arrayContaining(
        Object.entries(error).filter(([, value]) => !(value instanceof Error)),
      ),
    )
    // It was an answer: it is not asked for again.
    expect(namespace.fetch).toHaveBeenCalledTimes(1)
  })

  it('says nothing of an error that is not the library’s', async () => {
    for (const answer of [
      () => carryFailure(new Error('secret')),
      () => new Response('secret', { status: 500 }),
    ]) {
      const asked = askObject(createNamespace(answer), 'a', 'b')
      await expect(asked).rejects.toThrow(/^The Durable Object of the relay has failed\.$/)
    }
  })

  it('leaves out what JSON has no number for', async () => {
    const error = new RatatoskrError('api', 'No.', { retryAfter: Infinity })
    const asked = askObject(
      createNamespace(() => carryFailure(error)),
      'a',
      'b',
    )
    await expect(asked).rejects.toMatchObject({ code: 'api' })
  })
})
