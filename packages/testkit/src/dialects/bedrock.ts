import {
  RatatoskrError,
  type AssistantMessage,
  type ChatOptions,
  type Message,
  type ToolDefinition,
} from 'ratatoskr'
import { bedrock } from 'ratatoskr/dialects'
import { amazonFraming } from './framing.ts'
import { isJson, listOf, textOf, type Json } from './json.ts'
import { bearerOf, simpleService } from './simple-service.ts'
import type { SimulatedDialect } from './simulated-dialect.ts'

/** Amazon Bedrock's ConverseStream: the model stands in the address, signatures are not checked. */
export const bedrockService: SimulatedDialect = simpleService({
  name: 'bedrock',
  path: /\/model\/[^/]+\/converse-stream$/,
  requestIdHeader: 'x-amzn-requestid',
  ids: { reply: '', call: 'tooluse_' },
  terminal: /"?messageStop/,
  framing: amazonFraming,
  required: {
    messages: "Value null at 'messages' failed to satisfy constraint: Member must not be null",
  },
  keyOf: (headers) =>
    bearerOf(headers) ?? /Credential=([^/]+)\//.exec(headers.get('authorization') ?? '')?.[1],
  isForPages: false,
  encodeError: bedrock.encodeError,
  encoder: bedrock.encodeReply,
  readRequest(body, url) {
    const [, model = ''] = /\/model\/([^/]+)\/converse-stream$/.exec(url.pathname) ?? []
    const { system, messages, toolConfig, outputConfig } = isJson(body) ? body : {}
    const tools = listOf(isJson(toolConfig) ? toolConfig['tools'] : []).flatMap(readTool)
    return {
      messages: [
        ...listOf(system).map(({ text }): Message => ({ role: 'system', content: textOf(text) })),
        ...listOf(messages).flatMap(readTurn),
      ],
      options: {
        model: decodeURIComponent(model),
        ...(tools[0] && { tools }),
        ...readFormat(outputConfig),
      },
      stream: true,
      encodeReply: () => bedrock.encodeReply(),
      // There is no other way to ask.
      encodeResponse: () => Promise.reject(new TypeError('ConverseStream always streams')),
    }
  },
  models: (names) => ({
    modelSummaries: names.map((modelId) => ({ modelId, modelName: modelId })),
  }),
})

/** A schema is text there. */
function readFormat(outputConfig: unknown): Pick<ChatOptions, 'responseFormat'> {
  let found: unknown = outputConfig
  for (const field of ['textFormat', 'structure', 'jsonSchema', 'schema']) {
    found = isJson(found) ? found[field] : undefined
  }
  if (found === undefined) return {}
  let schema: unknown
  try {
    schema = JSON.parse(textOf(found))
  } catch {}
  if (!isJson(schema)) {
    throw new RatatoskrError('invalid_request', 'outputConfig: the schema must be JSON as text.')
  }
  return { responseFormat: { type: 'json_schema', schema } }
}

function readTool({ toolSpec }: Json): ToolDefinition[] {
  const { name, description, inputSchema } = isJson(toolSpec) ? toolSpec : {}
  const parameters = isJson(inputSchema) && isJson(inputSchema['json']) ? inputSchema['json'] : {}
  return [{ name: textOf(name), description: textOf(description), parameters }]
}

function readTurn({ role, content }: Json): Message[] {
  const blocks = listOf(content)
  const text = blocks.map((block) => textOf(block['text'])).join('')
  if (role === 'assistant') {
    const toolCalls = blocks.flatMap(({ toolUse }) =>
      isJson(toolUse)
        ? [
            {
              id: textOf(toolUse['toolUseId']),
              name: textOf(toolUse['name']),
              arguments: JSON.stringify(toolUse['input']),
            },
          ]
        : [],
    )
    const message: AssistantMessage = { role, content: text, ...(toolCalls[0] && { toolCalls }) }
    return [message]
  }
  const results = blocks.flatMap(({ toolResult }): Message[] =>
    isJson(toolResult)
      ? [
          {
            role: 'tool',
            toolCallId: textOf(toolResult['toolUseId']),
            content: listOf(toolResult['content'])
              .map((part) => textOf(part['text']))
              .join(''),
          },
        ]
      : [],
  )
  return [...results, ...(text ? [{ role: 'user' as const, content: text }] : [])]
}
