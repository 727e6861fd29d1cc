import { RatatoskrError } from './errors.ts'
import type { Provider } from './provider.ts'

/** Where a request goes, and the model's name as the provider knows it. */
export interface Route {
  provider: Provider
  model: string
}

/** Names that tell their provider. Ollama's `name:tag` is neither a fine-tuned model nor Bedrock's. */
const families: readonly (readonly [provider: string, pattern: RegExp])[] = [
  ['openrouter', /^[^/:]+\/[^/]+$/],
  ['anthropic', /^claude-/],
  ['openai', /^(gpt-|chatgpt-|o\d|ft:)/],
  ['google', /^gemini-/],
  ['ollama', /^(?!ft:)(?!.*\.v\d+:\d+$)[^/:]+:[^/:]+$/],
]

/**
 * Finds the provider for a model: (1) the one named before the first colon; (2) the only one;
 * (3) the one that the model's name tells; (4) the first that accepts it. Throws `no_provider`.
 */
export function route(model: string, providers: readonly Provider[]): Route {
  const colon = model.indexOf(':')
  if (colon > 0) {
    const named = providers.find((provider) => provider.name === model.slice(0, colon))
    if (named !== undefined) return { provider: named, model: model.slice(colon + 1) }
  }
  const [only] = providers
  if (only !== undefined && providers.length === 1) return { provider: only, model }

  for (const [name, pattern] of families) {
    const provider = pattern.test(model) && providers.find((each) => each.name === name)
    if (provider) return { provider, model }
  }
  const accepting = providers.find((provider) => provider.accepts(model))
  if (accepting !== undefined) return { provider: accepting, model }
  throw new RatatoskrError(
    'no_provider',
    `No provider takes the model ${JSON.stringify(model)}. Configured: ` +
      `${providers.map((provider) => provider.name).join(', ')}. ` +
      'Add its provider to createGateway, or write the name of one before a colon, as in ' +
      `${providers[0]?.name ?? 'openrouter'}:${model}.`,
  )
}
