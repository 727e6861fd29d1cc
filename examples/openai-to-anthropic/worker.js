import { createGateway, RatatoskrError } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openaiChat } from 'ratatoskr/dialects'
import { ChatEventEncoderStream, SseEncoderStream } from 'ratatoskr/streams'

/** @typedef {{ CLIENT_KEY: string, ANTHROPIC_API_KEY: string, ANTHROPIC_BASE_URL?: string }} Env */

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' }

export default {
  /** @param {Request} request @param {Env} env */
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname !== '/v1/chat/completions') return new Response('Not found', { status: 404 })
    try {
      const key = request.headers.get('authorization')
      if (!env.CLIENT_KEY || key !== `Bearer ${env.CLIENT_KEY}`) {
        throw new RatatoskrError('authentication', 'Incorrect API key provided.')
      }
      // What is no JSON at all is refused as what is no request.
      /** @type {unknown} */
      const body = await request.json().catch(() => undefined)
      const { messages, options, stream, reply } = openaiChat.decodeRequest(body)
      const baseURL = env.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com/v1'
      const provider = anthropic({ apiKey: env.ANTHROPIC_API_KEY, baseURL })
      const gateway = createGateway({ providers: [provider] })
      const asked = { ...options, signal: request.signal }
      if (!stream) {
        return Response.json(openaiChat.encodeResponse(await gateway.chat(messages, asked), reply))
      }
      const events = await gateway.chatStream(messages, { ...asked, collect: false })
      const frames = events.pipeThrough(new ChatEventEncoderStream(openaiChat.encodeReply(reply)))
      return new Response(frames.pipeThrough(new SseEncoderStream()), { headers })
    } catch (error) {
      const answer = openaiChat.encodeError(error)
      return Response.json(answer.body, answer)
    }
  },
}
