import type { Route } from '../server/route.ts'
import { completionRoute } from './completion-route.ts'
import { modelRoute, modelsRoute } from './models-route.ts'
import { protocols } from './protocol.ts'

export { encodeV1Error } from './encode-v1-error.ts'

/** The protocols that other clients speak, below `/v1`. */
export const v1Routes: readonly Route[] = [
  ...protocols.map(completionRoute),
  modelsRoute,
  modelRoute,
]
