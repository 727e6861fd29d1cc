import { isDialect, type DialectName } from '../chain/stages.ts'
import type { Simulation } from '../simulated/simulation.ts'

/** The simulated model, as a relay of the dev server lists it. */
export const simulatedModel = 'simulated:squirrel-1'

/** What the simulated provider behind a relay is to do, as the name of a model. */
export function relayedModel({ script, pace, fault }: Simulation, dialect: DialectName): string {
  return `${simulatedModel}/${script}/${pace}/${fault}/${dialect}`
}

/** What the name of a model says, without the provider's; what it leaves out is the usual. */
export function relayedSimulation(model: string): { simulation: Simulation; dialect: DialectName } {
  const [, script = 'auto', pace = 'steady', fault = 'none', dialect = ''] = model.split('/')
  return {
    simulation: { script, pace, fault },
    dialect: isDialect(dialect) ? dialect : 'openai-chat',
  }
}
