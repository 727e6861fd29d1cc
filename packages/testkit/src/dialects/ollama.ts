import { collect } from 'ratatoskr'
import { ollama } from 'ratatoskr/dialects'
import { ndjsonFraming } from './framing.ts'
import { simpleService } from './simple-service.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

/** Ollama by its own format, which asks for no key. */
export const ollamaService: SimulatedDialect = simpleService({
  name: 'ollama',
  path: /\/api\/chat$/,
  ids: { reply: '', call: 'call_' },
  terminal: /"done": ?true/,
  framing: ndjsonFraming,
  required: { model: 'model is required' },
  isMeantBy: (_, path) => path.endsWith('/api/tags'),
  keyOf: () => undefined,
  isOpen: true,
  encodeError: ollama.encodeError,
  encoder: ollama.encodeReply,
  readRequest(body) {
    const { messages, options, stream, reply } = ollama.decodeRequest(body)
    return {
      messages,
      options,
      stream,
      encodeReply: () => ollama.encodeReply(reply),
      encodeResponse: async (events) => ollama.encodeResponse(await collect(events), reply),
    }
  },
  models: (names) => ({ models: names.map((name) => ({ name, model: name })) }),
})
