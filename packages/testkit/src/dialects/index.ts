import { anthropicService } from './anthropic.ts'
import { openaiChatService } from './openai-chat.ts'
import type { DialectName, SimulatedDialect } from './simulated-dialect.ts'

/** The services that are simulated. The first one answers what is meant for none. */
export const services: readonly [SimulatedDialect, ...SimulatedDialect[]] = [
  openaiChatService,
  anthropicService,
]

/** The service of a name. */
export function serviceOf(name: DialectName): SimulatedDialect {
  return services.find((service) => service.name === name) ?? services[0]
}

/** The service that has a path; undefined where none has. */
export function serviceAt(path: string): SimulatedDialect | undefined {
  return services.find((service) => service.path.test(path))
}
