import { collect } from 'ratatoskr'
import { gemini } from 'ratatoskr/dialects'
import { jsonArrayFraming, sseFraming } from './framing.ts'
import { bearerOf, simpleService } from './simple-service.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

/** Google's Gemini, at AI Studio and Vertex AI: model and streaming stand in the address. */
export const geminiService: SimulatedDialect = simpleService({
  name: 'gemini',
  path: /\/models\/[^/]+:(streamG|g)enerateContent$/,
  ids: { reply: '', call: 'call_' },
  terminal: /"finishReason"/,
  framing: (url) => (url.searchParams.get('alt') === 'sse' ? sseFraming() : jsonArrayFraming()),
  required: { contents: '* GenerateContentRequest.contents: contents is not specified' },
  keyOf: (headers, url) =>
    headers.get('x-goog-api-key') ?? url.searchParams.get('key') ?? bearerOf(headers),
  isMeantBy: (names) => names.has('x-goog-api-key'),
  encodeError: gemini.encodeError,
  encoder: gemini.encodeReply,
  readRequest(body, url) {
    const [, name = '', method = ''] = /\/models\/([^/]+):(\w+)$/.exec(url.pathname) ?? []
    const address = { model: decodeURIComponent(name), stream: method.startsWith('stream') }
    const { messages, options, stream, reply } = gemini.decodeRequest(body, address)
    return {
      messages,
      options,
      stream,
      encodeReply: (id) => gemini.encodeReply({ ...reply, id }),
      encodeResponse: async (events, id) =>
        gemini.encodeResponse(await collect(events), { ...reply, id }),
    }
  },
  models: (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      displayName: name,
      supportedGenerationMethods: ['generateContent'],
    })),
  }),
})
