/**
 * The relay on Cloudflare Workers: replies, limits and continuations in Durable Objects.
 *
 * @module
 */
export {
  durableObjectContinuationStore,
  type DurableObjectContinuationStoreOptions,
} from './durable-object-continuation-store.ts'
export { durableObjectHost } from './durable-object-host.ts'
export { durableObjectLimiter, type DurableObjectLimiterOptions } from './durable-object-limiter.ts'
export type {
  ObjectNamespace,
  ObjectState,
  ObjectStorage,
  ObjectStub,
  SqlDatabase,
  SqlValue,
} from './platform.ts'
export { rateLimitBinding, type RateLimitBinding } from './rate-limit-binding.ts'
export { relayObject, type RelayObject, type RelayObjectClass } from './relay-object.ts'
export { relayWorker, type RelayWorker } from './relay-worker.ts'
