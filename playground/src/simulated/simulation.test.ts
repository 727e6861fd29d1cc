import { simulatorFetch } from '@ratatoskr/testkit'
import { describe, expect, test } from 'vitest'
import {
  faults,
  isSimulatedPath,
  paces,
  scripts,
  simulatedURL,
  simulationAt,
} from './simulation.ts'

const origin = 'http://localhost:5173'

test('what is chosen is in the address, and comes out of it again', () => {
  for (const script of scripts) {
    for (const pace of paces) {
      for (const fault of faults) {
        const chosen = { script: script.id, pace: pace.id, fault: fault.id }
        const url = `${simulatedURL(origin, chosen)}/chat/completions`
        expect(isSimulatedPath(new URL(url).pathname)).toBe(true)
        expect(simulationAt(url)).toEqual({
          script: script.play,
          pace: pace.pace,
          faults: fault.faults,
          keys: false,
        })
        // The dev server is asked by path.
        expect(simulationAt(url.slice(origin.length))).toEqual(simulationAt(url))
      }
    }
  }
})

test.each(['/', '/simulate', '/assets/simulated/x.js', '/keys.json'])('%s is not its', (path) => {
  expect(isSimulatedPath(path)).toBe(false)
})

describe('an address that somebody has made up', () => {
  test.each(['/simulated/', '/simulated/no/such/thing/v1/messages', '/simulated/prose'])(
    '%s is answered without a fault',
    (path) => {
      expect(simulationAt(path)).toMatchObject({ pace: {}, faults: [] })
    },
  )
})

test('each list has ids of its own, and words', () => {
  for (const list of [scripts, paces, faults]) {
    expect(new Set(list.map(({ id }) => id)).size).toBe(list.length)
    expect(list.every(({ id, label }) => /^[a-z0-9-]+$/.test(id) && label !== '')).toBe(true)
  }
})

test('tools are called once, and their results are answered', async () => {
  const fetch = simulatorFetch((request) => simulationAt(request.url))
  const ask = async (messages: unknown[]): Promise<string> => {
    const url = simulatedURL(origin, { script: 'tools', pace: 'instant', fault: 'none' })
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'any', stream: true, messages }),
    })
    return response.text()
  }
  const question = { role: 'user', content: 'Weather?' }
  expect(await ask([question])).toContain('"tool_calls"')
  const calls = [
    { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
  ]
  const answered = await ask([
    question,
    { role: 'assistant', content: null, tool_calls: calls },
    { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
  ])
  expect(answered).not.toContain('"tool_calls"')
  expect(answered).toContain('"finish_reason":"stop"')
})
