import { anthropicService } from './anthropic.ts'
import { bedrockService } from './bedrock.ts'
import { cohereService } from './cohere.ts'
import { geminiService } from './gemini.ts'
import { ollamaService } from './ollama.ts'
import { openaiChatService } from './openai-chat.ts'
import { openaiResponsesService } from './openai-responses.ts'
import type { DialectName, SimulatedDialect } from './simulated-dialect.ts'

/** Every service; the first answers what is meant for none of them. */
export const services: readonly [SimulatedDialect, ...SimulatedDialect[]] = [
  openaiChatService,
  anthropicService,
  openaiResponsesService,
  geminiService,
  ollamaService,
  cohereService,
  bedrockService,
]

/** The service of a name. */
export function serviceOf(name: DialectName): SimulatedDialect {
  return services.find((service) => service.name === name) ?? services[0]
}

/** The service to whose path requests for a reply are posted. */
export function serviceAt(path: string): SimulatedDialect | undefined {
  return services.find((service) => service.path.test(path))
}
