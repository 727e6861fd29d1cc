/**
 * A server that lends a gateway to clients without keys, and keeps replies across lost connections.
 *
 * @module
 */
export type { Caller } from './caller.ts'
export type { LogRecord } from './chat/event-log.ts'
export { memoryHost, type MemoryHost, type MemoryHostOptions } from './chat/memory-host.ts'
export type {
  AskedChat,
  OpenStream,
  ResponseObserver,
  StreamHost,
  StreamStart,
} from './chat/stream-host.ts'
export type { StreamLimits } from './chat/stream-limits.ts'
export { createRelay, type RequestContext } from './create-relay.ts'
export { Refusal } from './refusal.ts'
export type { ContinuationStore } from './server/continuation-store.ts'
export type { Limited, Limiter, Verdict } from './server/limiter.ts'
export type { LogEntry } from './server/log-entry.ts'
export {
  memoryContinuationStore,
  type MemoryContinuationStoreOptions,
} from './server/memory-continuation-store.ts'
export { memoryLimiter } from './server/memory-limiter.ts'
export type { RelayLimits, RelayOptions, UsageReport } from './server/relay-options.ts'
export { uiMessageStream, uiMessageStreamHeaders } from './ui/ui-message-stream.ts'
export type { SentOptions } from './wire/chat-body.ts'
