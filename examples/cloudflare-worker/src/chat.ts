import { createGateway, isRatatoskrError, user, type ChatStream } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { SseEncoderStream, type SseFrame } from 'ratatoskr/streams'

/** The Worker's secrets and variables. */
export interface Env {
  /** What a client must send as its bearer token. Without it the Worker refuses everybody. */
  readonly CLIENT_KEY?: string
  readonly OPENROUTER_API_KEY?: string
  /** Another host of the format, up to and with its `/v1`. */
  readonly OPENROUTER_BASE_URL?: string
  /** Default: `anthropic/claude-sonnet-4`. */
  readonly MODEL?: string
}

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' }

/**
 * Answers `POST /chat` with `{ "prompt": "…" }` by the events of the reply, as server-sent events.
 * `fetch` is what the model is asked with.
 */
export async function chat(
  request: Request,
  env: Env,
  fetch?: (url: string, init: RequestInit) => Promise<Response>,
): Promise<Response> {
  if (new URL(request.url).pathname !== '/chat') return refuse(404, 'Not found')
  if (request.method !== 'POST') return refuse(405, 'Only POST')
  const key = request.headers.get('authorization')
  if (!env.CLIENT_KEY || key !== `Bearer ${env.CLIENT_KEY}`) return refuse(401, 'Wrong key')
  const prompt = promptOf(await request.json().catch(() => undefined))
  if (prompt === undefined) return refuse(400, 'Send {"prompt": "…"}')
  try {
    const provider = openrouter({
      apiKey: env.OPENROUTER_API_KEY ?? '',
      ...(env.OPENROUTER_BASE_URL !== undefined && { baseURL: env.OPENROUTER_BASE_URL }),
      ...(fetch && { fetch }),
    })
    const stream = await createGateway({ providers: [provider] }).chatStream([user(prompt)], {
      model: env.MODEL ?? 'anthropic/claude-sonnet-4',
      // The client's going ends the request to the model; nobody here reads the whole reply.
      signal: request.signal,
      collect: false,
    })
    return new Response(framesOf(stream).pipeThrough(new SseEncoderStream()), { headers })
  } catch (error) {
    // What is wrong with the Worker's own key is not the client's.
    console.error(error)
    return refuse(502, isRatatoskrError(error) ? error.code : 'api')
  }
}

/** The events as JSON, each in a frame; a failure is an event named `error`, and the last. */
function framesOf(stream: ChatStream): ReadableStream<SseFrame> {
  const reader = stream.getReader()
  return new ReadableStream<SseFrame>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue({ data: JSON.stringify(value) })
        } catch (error) {
          console.error(error)
          const code = isRatatoskrError(error) ? error.code : 'api'
          controller.enqueue({ event: 'error', data: JSON.stringify({ code }) })
          controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  )
}

function promptOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('prompt' in body)) return undefined
  return typeof body.prompt === 'string' && body.prompt !== '' ? body.prompt : undefined
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status })
}
