import { describe, expect, it } from 'vitest'
import { chatRequest, createKit, eventsOf, textOf } from '../test/relay-kit.ts'

describe('createRelay', () => {
  it('streams a reply as server-sent events with ids', async () => {
    const { relay, entries, upstream } = createKit()
    const response = await relay(chatRequest())
    const events = await eventsOf(response)
    expect(textOf(events)).toBe('Hello, world!')
    expect(upstream).toHaveLength(1)
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({ caller: 'ann', status: 200, ended: 'done' })
  })
})
