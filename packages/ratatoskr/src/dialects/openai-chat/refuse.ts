import { RatatoskrError } from '../../errors.ts'

/** Throws the error for a parameter that the host cannot honour. */
export function refuse(provider: string, parameter: string): never {
  throw new RatatoskrError(
    'unsupported',
    `${provider} cannot honour ${parameter}. Leave it out, or choose a provider that has it; ` +
      "a host's own fields can be set in providerOptions.",
    { provider },
  )
}
