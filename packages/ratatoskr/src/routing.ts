import { RatatoskrError } from './errors.ts'
import type { Provider } from './provider.ts'

/** Where a request goes, and the model's name as the provider knows it. */
export interface Route {
  provider: Provider
  model: string
}

/**
 * Finds the provider for a model: (1) the one named before the first colon; (2) the only one;
 * (3) the one to whose family the name belongs; (4) the first that accepts it. Throws
 * `no_provider`.
 *
 * @example
 * ```ts
 * import { route, type Gateway } from 'ratatoskr'
 *
 * const dialectOf = (gateway: Gateway, model: string) =>
 *   route(model, gateway.providers).provider.dialect
 * ```
 */
export function route(model: string, providers: readonly Provider[]): Route {
  const [, prefix, rest = ''] = /^([^:]+):(.+)/s.exec(model) ?? []
  const named = providers.find(({ name }) => name === prefix)
  if (named) return { provider: named, model: rest }
  const provider =
    (providers[1] ? undefined : providers[0]) ??
    providers.find(({ family }) => family?.test(model)) ??
    providers.find((each) => each.accepts(model))
  if (provider) return { provider, model }
  throw new RatatoskrError(
    'no_provider',
    `No provider takes the model ${model}; add one, or name one before a colon: ${providers.map(({ name }) => name).join(', ')}.`,
  )
}
