// Over real connections, which a proxy breaks at random bytes.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createGateway, user } from 'ratatoskr'
import { serve, type Served } from '@ratatoskr/testkit/node'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { becomePage } from '../../test/page.ts'
import { chatRequest, createKit, eventsOf, textOf, type Kit } from '../../test/relay-kit.ts'
import { relay } from './relay.ts'

const text = Array.from({ length: 40 }, (_, i) => `Eichhörnchen ${i} 🐿️ `).join('')
const newKit = (): Kit => createKit({ simulator: { script: [{ text }], pace: { perDelta: 9 } } })
let kit = newKit()

/** How many bytes the next connection carries to the client. */
let budget = (): number => Infinity
let broken = 0
const clients = new Set<Socket>()
let served: Served
let proxy: Server
beforeAll(async () => {
  becomePage()
  served = await serve((request) => kit.relay(request))
  const port = Number(new URL(served.url).port)
  proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    clients.add(client)
    let left = budget()
    const drop = (): void => {
      server.destroy()
      client.destroy()
    }
    for (const side of [client, server]) side.on('error', drop).on('close', drop)
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      client.write(bytes.subarray(0, left))
      left -= bytes.length
      if (left > 0) return
      broken += 1
      // What was written arrives; a reset would take it back.
      client.end()
      server.destroy()
    })
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
})
afterAll(async () => {
  vi.unstubAllGlobals()
  kit.host.close()
  proxy.close()
  await served.close()
})

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, with the constants of Numerical Recipes. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

it('gives the uninterrupted events, 40 times', { timeout: 120_000 }, async () => {
  const uninterrupted = await eventsOf(await kit.relay(chatRequest()))
  expect(textOf(uninterrupted)).toBe(text)
  const { port } = proxy.address() as AddressInfo
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = randomNumbers(seed)
    let connections = 0
    budget = () => {
      connections += 1
      return connections > 5 ? Infinity : 1 + random(1500)
    }
    // One that is kept alive has no budget.
    for (const client of clients) client.destroy()
    clients.clear()
    kit.host.close()
    kit = newKit()
    const provider = relay({
      url: `http://127.0.0.1:${port}`,
      headers: { authorization: 'Bearer ann' },
      reconnect: { minDelay: 1, limit: 20 },
    })
    const retry = { minDelay: 1, limit: 20 }
    const gateway = createGateway({ providers: [provider], retry })
    const stream = await gateway.chatStream([user('Hi')], { model: 'vendor/model' })
    const events = []
    for await (const event of stream) events.push(event)
    expect(events, `seed ${seed}`).toEqual(uninterrupted)
    expect(kit.upstream).toHaveLength(1)
  }
  expect(broken).toBeGreaterThan(60)
})
