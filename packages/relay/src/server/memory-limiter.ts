import type { Limiter } from './limiter.ts'

/** Counts in this process. */
export function memoryLimiter(): Limiter {
  return {
    request: async () => ({ allowed: true }),
    open: async () => ({ allowed: true }),
    close: () => {},
  }
}
