import { expect, test } from 'vitest'
import { isNoisy, throughput, type Lane } from './throughput.mjs'

/** Lanes that take the times that they are told, one for each round. */
function lanes(times: Record<string, readonly number[]>, order: string[] = []) {
  let floors = 0
  return async (name: string): Promise<Lane> => {
    const lane = name === 'floor' && floors++ > 0 ? 'floor, again' : name
    let round = 0
    return {
      verify: async () => {
        if (lane === 'liar') throw new Error('its text is wrong')
        return 1
      },
      warm: async () => 2,
      round: async (count) => {
        expect(count).toBe(2)
        order.push(lane)
        const time = times[lane]?.[round]
        round += 1
        if (time === undefined) throw new Error('died')
        return { time, cpu: time * 2 }
      },
      stop: async () => {},
    }
  }
}

const quiet = () => {}

test('ratios are taken round by round', async () => {
  const order: string[] = []
  const open = lanes(
    { floor: [1, 10, 2], 'floor, again': [1, 10, 2], ratatoskr: [2, 20, 4], openai: [4, 50, 8] },
    order,
  )
  const names = ['ratatoskr', 'openai']
  const { rows, noise } = await throughput({ names, rounds: 3, open, progress: quiet })
  // The slow second round is slow for all.
  expect(rows.map(({ name, ratio }) => [name, ratio?.median])).toEqual([
    ['floor', 1],
    ['ratatoskr', 2],
    ['openai', 4],
  ])
  expect(rows[2]).toMatchObject({ toOurs: { median: 2 }, cpu: { median: 4 }, time: 8, rounds: 3 })
  expect(isNoisy({ noise })).toBe(false)
  // Each round begins with another one.
  expect(order.slice(0, 4)).toEqual(['floor', 'floor, again', 'ratatoskr', 'openai'])
  expect(order.slice(4, 8)).toEqual(['floor, again', 'ratatoskr', 'openai', 'floor'])
})

test('two floors that differ tell of a noisy machine', async () => {
  const open = lanes({ floor: [1, 1, 1], 'floor, again': [1, 1.5, 0.7], ratatoskr: [2, 2, 2] })
  const measured = await throughput({
    names: ['ratatoskr'],
    rounds: 3,
    open,
    progress: quiet,
  })
  expect(isNoisy(measured)).toBe(true)
})

test('who fails is listed with the reason, before or while it is measured', async () => {
  const open = lanes({ floor: [1, 1], 'floor, again': [1, 1], dying: [3] })
  const { rows } = await throughput({
    names: ['liar', 'dying'],
    rounds: 2,
    open,
    progress: quiet,
  })
  expect(rows.slice(1)).toEqual([
    { name: 'liar', failure: 'its text is wrong' },
    { name: 'dying', failure: 'died' },
  ])
})
