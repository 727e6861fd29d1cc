import { createGateway } from 'ratatoskr'
import type { Fetch } from '../chain/staged-provider.ts'
import { explainError } from '../state/explain-error.ts'
import type { Settings } from '../state/settings.ts'

/** The models that a provider has, by name; or why they are not known, as a sentence. */
export interface ListedModels {
  ids: readonly string[]
  problem?: string
}

/** Asks the provider of the settings which models it has. */
export async function listModels(settings: Settings, fetch: Fetch): Promise<ListedModels> {
  const { connection, target, problem } = settings
  if (problem?.field === 'key' || problem?.field === 'base-url') {
    return { ids: [], problem: problem.text }
  }
  const provider = connection.connect({ ...target, fetch })
  const { models, failures } = await createGateway({ providers: [provider] }).models()
  const ids = models.map(({ id }) => id).toSorted()
  if (ids.length > 0) return { ids }
  const [failure] = failures
  if (failure === undefined)
    return { ids, problem: `${connection.label} lists no models at this address.` }
  const { title, advice } = explainError(failure, connection)
  return { ids, problem: `${title}. ${advice}` }
}
