import { collect } from 'ratatoskr'
import { cohere, openaiChat } from 'ratatoskr/dialects'
import { sseFraming } from './framing.ts'
import { isJson, listOf, textOf } from './json.ts'
import { bearerOf, simpleService } from './simple-service.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

/** Cohere's Chat, version 2, whose requests are those of Chat Completions but for some names. */
export const cohereService: SimulatedDialect = simpleService({
  name: 'cohere',
  path: /\/v2\/chat$/,
  ids: { reply: '', call: 'call_' },
  terminal: /"type": ?"message-end"/,
  framing: sseFraming,
  required: {
    model: 'invalid request: model is required',
    messages: 'invalid request: messages must be provided',
  },
  keyOf: bearerOf,
  encodeError: cohere.encodeError,
  encoder: cohere.encodeReply,
  readRequest(body) {
    const sent = isJson(body) ? body : {}
    const { model, messages, tools, max_tokens, stream } = sent
    const choice = textOf(sent['tool_choice']).toLowerCase()
    const format = isJson(sent['response_format']) ? sent['response_format'] : {}
    const { json_schema: schema } = format
    const read = openaiChat.decodeRequest({
      model,
      messages: listOf(messages),
      tools,
      tool_choice: choice || undefined,
      response_format: schema && { type: 'json_schema', json_schema: { schema } },
      max_tokens,
      stream,
    })
    return {
      messages: read.messages,
      options: read.options,
      stream: read.stream,
      encodeReply: (id) => cohere.encodeReply({ id }),
      encodeResponse: async (events, id) => cohere.encodeResponse(await collect(events), { id }),
    }
  },
  models: (names) => ({ models: names.map((name) => ({ name, endpoints: ['chat'] })) }),
})
