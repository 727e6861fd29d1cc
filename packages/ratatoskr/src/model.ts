import type { RatatoskrError } from './errors.ts'

/** A model that a provider lists, as far as the provider tells. */
export interface Model {
  /** The name by which the provider knows it; `provider:id` names it to `chatStream` in any gateway. */
  id: string
  /** The provider's name. */
  provider: string
  /** For people. */
  name?: string
  /** Tokens of request and reply together. */
  contextWindow?: number
  /** The most tokens that a reply may have. */
  maxTokens?: number
  /** US dollars for a million tokens. */
  price?: { prompt?: number; completion?: number }
  /** What it is known to do; of what is not here, nothing is known. */
  capabilities?: readonly ModelCapability[]
}

/** What a model may do besides reading and writing text. */
export type ModelCapability =
  | 'tools'
  | 'reasoning'
  | 'json_schema'
  | 'image_input'
  | 'file_input'
  | 'audio_input'
  | 'image_output'

/** The models of several providers. */
export interface ModelList {
  models: Model[]
  /** One for each provider that could not be asked; its `provider` names it. */
  failures: RatatoskrError[]
}
