import { collect } from 'ratatoskr'
import { openaiResponses } from 'ratatoskr/dialects'
import { sseFraming } from './framing.ts'
import { bearerOf, simpleService } from './simple-service.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

/** OpenAI's Responses. */
export const openaiResponsesService: SimulatedDialect = simpleService({
  name: 'openai-responses',
  path: /\/responses$/,
  ids: { reply: 'resp_', call: 'call_' },
  terminal: /"type": ?"response\.(completed|incomplete)"/,
  framing: sseFraming,
  required: {
    model: "Missing required parameter: 'model'.",
    input: "Missing required parameter: 'input'.",
  },
  keyOf: (headers) => bearerOf(headers) ?? headers.get('api-key') ?? undefined,
  encodeError: openaiResponses.encodeError,
  encoder: openaiResponses.encodeReply,
  readRequest(body) {
    const { messages, options, stream, reply } = openaiResponses.decodeRequest(body)
    return {
      messages,
      options,
      stream,
      encodeReply: (id) => openaiResponses.encodeReply({ ...reply, id }),
      encodeResponse: async (events, id) =>
        openaiResponses.encodeResponse(await collect(events), { ...reply, id }),
    }
  },
  models: (names) => ({
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'simulated' })),
  }),
})
