import { need, RatatoskrError } from '../errors.ts'
import type { ChatOptions } from '../options.ts'

/** Throws where an option is named that the provider cannot honour. */
export function refuseOption(provider: string, lacking: string | undefined): void {
  if (lacking === undefined) return
  throw new RatatoskrError(
    'unsupported',
    `${provider} cannot honour ${lacking}; leave it out, or choose another provider.`,
    { provider },
  )
}

/**
 * Throws where provider options would take the request over, or the format of the reply is none.
 *
 * @param fields Those that are the request's own.
 */
export function checkOptions(
  own: { readonly [field: string]: unknown },
  fields: readonly string[],
  format: ChatOptions['responseFormat'],
): void {
  const taken = fields.find((field) => field in own)
  need(!taken, 'invalid_request', `providerOptions must not set ${taken}`)
  need(
    !format || /^(text|json|json_schema)$/.test(format.type),
    'invalid_request',
    'responseFormat must be of type text, json, json_schema',
  )
}
