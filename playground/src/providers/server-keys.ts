import { connections } from './connections.ts'

/** The keys that the dev server found in its environment; none where there is no such server. */
export async function fetchServerKeys(): Promise<Map<string, string>> {
  const keys = new Map<string, string>()
  const response = await fetch('/keys.json').catch(() => undefined)
  if (!response?.ok) return keys
  const found: unknown = await response.json().catch(() => undefined)
  for (const [id, key] of Object.entries(found ?? {})) {
    if (typeof key === 'string' && connections.some((one) => one.id === id)) keys.set(id, key)
  }
  return keys
}
