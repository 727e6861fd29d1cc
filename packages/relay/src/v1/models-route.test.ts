import { createGateway, type Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openrouter } from 'ratatoskr/openrouter'
import { simulatorFetch } from '@ratatoskr/testkit'
import { describe, expect, it, vi } from 'vitest'
import { base, createKit, headersOf, type KitOptions } from '../../test/relay-kit.ts'

const models = ['vendor/a', 'vendor/b', 'claude-c']
const fetch = simulatorFetch({ models })

async function list(options: KitOptions, providers: Provider[], headers = {}) {
  const { relay } = createKit({ gateway: createGateway({ retry: false, providers }), ...options })
  const response = await relay(
    new Request(`${base}/v1/models`, { headers: headersOf({ headers }) }),
  )
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const idsOf = ({ body }: { body: Record<string, unknown> }) =>
  (body['data'] as { id: string }[]).map(({ id }) => id)

const router = openrouter({ apiKey: 'k', fetch })

describe('GET /v1/models', () => {
  it('lists what the provider has, as OpenAI does', async () => {
    const { body } = await list({}, [router])
    expect(body).toEqual({
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'relay' })),
    })
  })

  it('lists them as Anthropic does to those who speak so', async () => {
    const { body } = await list({}, [router], { 'anthropic-version': '2023-06-01' })
    expect(body).toMatchObject({ has_more: false, first_id: 'vendor/a', last_id: 'claude-c' })
    expect(idsOf({ body })).toEqual(models)
  })

  it('lists only what the caller may ask for', async () => {
    const authorize = () => ({ id: 'ann', models: ['*/b', 'extra'] })
    expect(idsOf(await list({ authorize }, [router]))).toEqual(['vendor/b', 'extra'])
    expect(idsOf(await list({ authorize, models: ['vendor/*'] }, [router]))).toEqual(['vendor/b'])
  })

  it('names the provider where there are several', async () => {
    const providers = [router, anthropic({ apiKey: 'k', fetch })]
    expect(idsOf(await list({}, providers))).toContain('openrouter:vendor/a')
    expect(idsOf(await list({ models: ['vendor/*'] }, providers))).toEqual(['vendor/a', 'vendor/b'])
  })

  it('asks providers anew only after a while, those that fail too', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    let asked = 0
    const failing = openrouter({
      apiKey: 'k',
      fetch: async () => {
        asked += 1
        return new Response('no', { status: 500 })
      },
    })
    const gateway = createGateway({ retry: false, providers: [failing] })
    const { relay } = createKit({ gateway })
    const ask = () => relay(new Request(`${base}/v1/models`, { headers: headersOf({}) }))
    const together = await Promise.all([ask(), ask()])
    expect([...together, await ask()].map(({ status }) => status)).toEqual([502, 502, 502])
    expect(asked).toBe(1)
    vi.advanceTimersByTime(10_000)
    await ask()
    expect(asked).toBe(2)
    vi.useRealTimers()
  })

  it('fails in the words of the client’s protocol', async () => {
    const failing = [
      openrouter({ apiKey: 'k', fetch: async () => new Response('no', { status: 500 }) }),
    ]
    const openai = await list({}, failing)
    expect(openai).toMatchObject({ status: 502, body: { error: { type: 'server_error' } } })
    const asAnthropic = await list({}, failing, { 'anthropic-version': '2023-06-01' })
    expect(asAnthropic.body).toMatchObject({ type: 'error', error: { type: 'api_error' } })
  })
})
