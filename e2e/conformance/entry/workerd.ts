// A Worker that runs the suite inside one request, whose body is the context.

import { main } from './main.ts'
import type { ConformanceContext } from '../index.ts'

export default {
  async fetch(request: Request): Promise<Response> {
    await main((await request.json()) as ConformanceContext)
    return new Response('done')
  },
}
