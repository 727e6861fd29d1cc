import { Refusal } from '../refusal.ts'
import type { StreamHost } from './stream-host.ts'

/** Replies that run in this process. */
export function memoryHost(): StreamHost {
  return {
    async open() {
      throw new Refusal(501, 'configuration', 'The memory host is not built yet.')
    },
    async stop() {
      return false
    },
  }
}
