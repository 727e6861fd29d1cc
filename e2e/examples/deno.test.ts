// examples/deno under the `deno` of npm: nothing of it reaches the network.
import { simulator, type Script } from '@ratatoskr/testkit'
import { serve, type Served } from '@ratatoskr/testkit/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagedBinary } from '../lib/packaged-binary.mjs'
import { output, start, stop, which } from '../lib/processes.mjs'
import { installExample, type InstalledExample } from './install-example.ts'
import { isMissing } from './run-worker.ts'

const deno = packagedBinary('deno', 'deno') ?? which('deno') ?? ''
const runs = (await output(deno, ['--version'])) !== undefined
const lacksDeno = !runs && isMissing('deno', 'npm install brings it')

describe.skipIf(lacksDeno)('the program for Deno', () => {
  const key = 'sk-or-simulated'
  const asked: Request[] = []
  let upstream: Served
  let example: InstalledExample

  beforeAll(async () => {
    const simulate = simulator({
      keys: [key],
      script: ({ messages }): Script => {
        const said = JSON.stringify(messages)
        if (said.includes('stall')) return [{ text: 'In the ' }, { fault: { kind: 'stall' } }]
        if (said.includes('cut')) return [{ text: 'In the ' }, { fault: { kind: 'cut' } }]
        return [{ text: 'In the ash 🌳.' }]
      },
    })
    upstream = await serve((request) => {
      asked.push(request)
      return simulate(request)
    })
    example = await installExample('deno')
  })
  afterAll(async () => {
    await upstream?.close()
    await example?.remove()
  })

  function run(args: readonly string[], env: { [name: string]: string } = {}) {
    const { OPENROUTER_API_KEY: _, ...inherited } = process.env
    return start(deno, args, {
      cwd: example.folder,
      env: { ...inherited, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1', ...env },
    })
  }

  /** Asks the simulated provider over HTTP. */
  function ask(question: string, apiKey = key) {
    const env = { OPENROUTER_API_KEY: apiKey, OPENROUTER_BASE_URL: `${upstream.url}/v1` }
    return run(['task', '--quiet', 'ask', question], env)
  }

  test('type-checks, and is as Deno would have it', async () => {
    const check = run(['task', '--quiet', 'check'])
    expect(await check.exited, check.output()).toBe(0)
  })

  test('prints the reply', async () => {
    const program = ask('Which tree is it?')
    expect(await program.exited, program.output()).toBe(0)
    expect(program.output()).toContain('In the ash 🌳.')
    expect(program.output()).toContain('stop')
  })

  test('asks a simulated model without a key', async () => {
    const program = run(['task', '--quiet', 'ask', 'Are', 'you', 'there?'])
    expect(await program.exited, program.output()).toBe(0)
    expect(program.output()).toContain('a simulated model answers')
    expect(program.output()).toContain('Are you there?')
  })

  test('prints what comes while it comes, and stops at Ctrl+C', async () => {
    const program = ask('stall')
    try {
      while (!program.output().includes('In the')) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        if (program.exitCode !== null) throw new Error(`It has ended:\n${program.output()}`)
      }
      const request = asked.at(-1)
      const gone = new Promise((resolve) => request?.signal.addEventListener('abort', resolve))
      // The terminal sends it to the whole group.
      process.kill(-(program.pid ?? 0), 'SIGINT')
      await gone
      expect(await program.exited).not.toBe(0)
      expect(program.output()).toContain('Stopped')
    } finally {
      await stop(program)
    }
  })

  test.each([
    ['a reply that is cut off', 'cut', key, 'In the'],
    ['a wrong key', 'Hello', 'sk-or-wrong', 'openrouter'],
  ])('fails for %s', async (_name, question, apiKey, expected) => {
    const program = ask(question, apiKey)
    expect(await program.exited).toBe(1)
    expect(program.output()).toContain(expected)
    expect(program.output()).not.toContain(apiKey)
    expect(program.output()).not.toContain('at file:')
  })
})
