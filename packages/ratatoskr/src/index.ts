/**
 * Streams the reply of any language model as one kind of event.
 *
 * @module
 */
export { ChatStream, type ChatEventIterator } from './chat-stream.ts'
export { collect } from './collect.ts'
export { isRatatoskrError, RatatoskrError, type ErrorCode, type ErrorDetails } from './errors.ts'
export type * from './event.ts'
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
export type * from './message.ts'
export type * from './model.ts'
export { assistant, system, toolResult, user } from './message.ts'
export type * from './options.ts'
export type { ChatEventSource, ModelListing, OpenContext, Provider, Timeouts } from './provider.ts'
export type { ChatResponse, PartialChatResponse } from './response.ts'
export { route, type Route } from './routing.ts'
export type { RetryOptions } from './transport/retry.ts'
