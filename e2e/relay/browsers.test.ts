// The relay's client in real browsers: it asks a relay on another origin, over connections that are lost.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { serve, type Served } from '@ratatoskr/testkit/node'
import { createKit, type Kit, type KitOptions } from '../../packages/relay/test/relay-kit.ts'
import { startRelayServer, type RelayServer } from './relay-server.ts'
import { findEngines, type Tab } from './tabs.ts'

const engines = await findEngines()
const on = (name: string): boolean => !['', '0', 'false'].includes(process.env[name] ?? '')
// As in e2e/run.mjs.
const missingFails = on('CI') && !on('RATATOSKR_ALLOW_MISSING_ENGINES')

let site: Served
let relay: RelayServer
let kit: Kit
beforeAll(async () => {
  relay = await startRelayServer()
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    // Not the workspace's `paths`, which lead to the sources.
    tsconfigRaw: {},
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  })
  const script = outputFiles[0]?.text ?? ''
  const html = `<!doctype html><meta charset="utf-8"><title>relay</title><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`
  site = await serve(() => new Response(html, { headers: { 'content-type': 'text/html' } }))
})
afterAll(async () => {
  for (const engine of engines) if ('close' in engine) await engine.close()
  await relay?.close()
  await site?.close()
})

const words = Array.from({ length: 60 }, (_, i) => `word-${i} `).join('')

/** A relay of its own for each test, whose reply takes about two seconds. */
function useKit(options: KitOptions = {}): void {
  kit = createKit({
    simulator: { script: [{ text: words }], pace: { perDelta: 8, delay: 30 } },
    cors: { origins: [site.url] },
    ...options,
  })
  relay.forget()
  relay.use(kit.relay)
}

interface State {
  text: string
  events: number
  ended: string
  id: string
  reads: number
}

const stateOf = async (tab: Tab): Promise<State> =>
  JSON.parse(String(await tab.evaluate('page.state()'))) as State

const patience = { timeout: 30_000, interval: 20 }
const until = (tab: Tab, holds: (state: State) => boolean): Promise<void> =>
  expect.poll(async () => holds(await stateOf(tab)), patience).toBe(true)

const address = (): string => `${site.url}/?relay=${encodeURIComponent(relay.url)}`

for (const engine of engines) {
  if ('missing' in engine) {
    test.skipIf(!missingFails)(`${engine.name} is there`, () => {
      expect.fail(engine.missing)
    })
    continue
  }
  const { withTab } = engine

  describe(engine.name, () => {
    test('connections that are lost, one after the other', async () => {
      useKit()
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin()')
        for (const events of [5, 20, 40]) {
          await until(tab, (state) => state.events >= events)
          relay.cut()
        }
        await until(tab, (state) => state.ended !== '')
        expect(await stateOf(tab)).toMatchObject({ ended: 'done', text: words })
      })
      expect(relay.requests.length).toBeGreaterThan(3)
      expect(kit.upstream).toHaveLength(1)
    })

    test('offline, and online again', async () => {
      useKit()
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin()')
        await until(tab, (state) => state.events >= 5)
        await tab.setOffline?.(true)
        await relay.down()
        if (tab.setOffline) expect(await tab.evaluate('navigator.onLine')).toBe(false)
        const { events } = await stateOf(tab)
        await new Promise((resolve) => setTimeout(resolve, 700))
        // What had come by then may still be read.
        expect((await stateOf(tab)).events).toBeLessThan(events + 20)
        await relay.up()
        await tab.setOffline?.(false)
        await until(tab, (state) => state.ended !== '')
        expect(await stateOf(tab)).toMatchObject({ ended: 'done', text: words })
      })
      expect(kit.upstream).toHaveLength(1)
    })

    test('a tab that is hidden, and shown again', async () => {
      useKit()
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin()')
        await until(tab, (state) => state.events >= 5)
        // A headless Chromium or Firefox hides no window: there the page is only told so.
        const setHidden =
          tab.setHidden ?? ((hidden: boolean) => tab.evaluate(`page.setHidden(${hidden})`))
        await setHidden(true)
        await vi.waitFor(async () => expect(await tab.evaluate('document.hidden')).toBe(true))
        await until(tab, (state) => state.events >= 15)
        await setHidden(false)
        await vi.waitFor(async () => expect(await tab.evaluate('document.hidden')).toBe(false))
        await until(tab, (state) => state.ended !== '')
        expect(await stateOf(tab)).toMatchObject({ ended: 'done', text: words })
      })
      expect(relay.requests).toEqual(['POST /chat'])
    })

    test('a page that is reloaded, and resumes', async () => {
      useKit()
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin()')
        await until(tab, (state) => state.events >= 10)
        const { id } = await stateOf(tab)
        await tab.reload()
        expect(await stateOf(tab)).toMatchObject({ id, events: 0 })
        await tab.evaluate('page.resume()')
        await until(tab, (state) => state.ended !== '')
        expect(await stateOf(tab)).toMatchObject({ ended: 'done', text: words })
        // Firefox closes the connections of a page as soon as it is left, and the old page comes back to its reply for as long
        // as the new one has not come. That is as it should be: what was asked for may be a file, and the page stay.
        const asked = engine.name === 'firefox' ? [...new Set(relay.requests)] : relay.requests
        expect(asked).toEqual(['POST /chat', `GET /chat/${id}`])
      })
      expect(kit.upstream).toHaveLength(1)
    })

    test('stop', async () => {
      useKit({ simulator: { script: [{ text: words }, { wait: 1e8 }], pace: { perDelta: 8 } } })
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin()')
        await until(tab, (state) => state.events >= 10)
        const { id } = await stateOf(tab)
        await tab.evaluate('page.stop()')
        await until(tab, (state) => state.ended !== '')
        expect(await stateOf(tab)).toMatchObject({ ended: 'Error: Stopped.' })
        await expect.poll(() => kit.upstream[0]?.signal.aborted, patience).toBe(true)
        expect(relay.requests).toEqual(['POST /chat', `DELETE /chat/${id}`])
      })
    })

    test('stop, as the page goes', async () => {
      useKit({ simulator: { script: [{ text: words }, { wait: 1e8 }], pace: { perDelta: 8 } } })
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin()')
        await until(tab, (state) => state.events >= 10)
        // The page may be gone before its driver has the value.
        await tab.evaluate('(page.stop(), location.assign("about:blank"))').catch(() => undefined)
        await expect.poll(() => kit.upstream[0]?.signal.aborted, patience).toBe(true)
      })
    })

    test('a body that is read only on demand', async () => {
      const text = 'x'.repeat(2_000_000)
      useKit({ simulator: { script: [{ text }], pace: { perDelta: 4000 } } })
      await withTab(address(), async (tab) => {
        await tab.evaluate('page.begin(3)')
        await until(tab, (state) => state.events === 3)
        await new Promise((resolve) => setTimeout(resolve, 500))
        // All of it has come meanwhile, and is dozens of reads.
        expect((await stateOf(tab)).reads).toBeLessThan(6)
      })
    })
  })
}
