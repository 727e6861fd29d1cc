import { simulator, type SimulatorOptions } from '@ratatoskr/testkit'
import { serve } from '@ratatoskr/testkit/node'

/** What a provider saw of one model. */
export interface Asked {
  requests: number
  /** Connections that the relay has closed. */
  closed: number
}

/** A provider over HTTP, which does for each model what it is told. */
export interface Upstream {
  readonly url: string
  use(model: string, options: SimulatorOptions): Asked
  close(): Promise<void>
}

/** Starts one. */
export async function startUpstream(): Promise<Upstream> {
  const models = new Map<string, { answer: ReturnType<typeof simulator>; asked: Asked }>()
  const served = await serve(async (request) => {
    const { model } = (await request.clone().json()) as { model: string }
    const found = models.get(model)
    if (!found) return new Response(null, { status: 404 })
    found.asked.requests += 1
    request.signal.addEventListener('abort', () => {
      found.asked.closed += 1
    })
    return found.answer(request)
  })
  return {
    url: served.url,
    use(model, options) {
      const asked = { requests: 0, closed: 0 }
      models.set(model, { answer: simulator(options), asked })
      return asked
    },
    close: () => served.close(),
  }
}
