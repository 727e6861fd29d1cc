// Recorded replies of real providers, where they are: over HTTP as from whole bytes.

import { createGateway } from 'ratatoskr'
import { equal, ok } from './assert.ts'
import { dialects } from './dialects.ts'
import { decode, messages, outcomeOf, withoutIds } from './gateway-helpers.ts'
import { recorded } from './server.ts'
import type { ConformanceCase } from './types.ts'

export const recordingCases: readonly ConformanceCase[] = dialects.map((dialect) => ({
  name: `recordings: ${dialect.name}: the gateway gives what the decoders make of the whole bytes`,
  needs: ['recordings'],
  async run(context) {
    const names = context.recordings.filter((name) => dialect.recordings.test(name))
    ok(names.length > 2, `there are ${names.length} recordings`)
    const compare = async (name: string): Promise<void> => {
      const root = recorded(context, name)
      const bytes = new Uint8Array(await (await fetch(`${root}/bytes`)).arrayBuffer())
      const whole = withoutIds(decode(dialect.decoder(), bytes, bytes.length))
      const gateway = createGateway({ providers: [dialect.provider(root)], retry: false })
      const opening = gateway.chatStream(messages, { model: 'recorded-1' })
      equal(withoutIds(await outcomeOf(opening)), whole, name)
    }
    await Promise.all(names.map(compare))
  },
}))
