import type { Route } from '../server/route.ts'
import { modelsRoute } from './models-route.ts'

/** The protocols that other clients speak, below `/v1`. */
export const v1Routes: readonly Route[] = [modelsRoute]
