import type * as Kit from './kit-parts.ts'

let loading: Promise<typeof Kit> | undefined

/** The testkit's parts: they come after the page itself, which is there without them. */
export function kit(): Promise<typeof Kit> {
  loading ??= import('./kit-parts.ts').catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}
