// A page whose fragment is the context as JSON.

import { main } from './main.ts'
import type { ConformanceContext } from '../index.ts'

await main(JSON.parse(decodeURIComponent(location.hash.slice(1))) as ConformanceContext)
