import { describe, expect, test } from 'vitest'
import { exampleTools, suggestResult } from './example-tools.ts'

const suggest = (name: string, given: string): unknown =>
  JSON.parse(suggestResult({ id: 'call_1', name, arguments: given }))

test('each tool is described to the model in full', () => {
  for (const { definition } of exampleTools) {
    expect(definition.description).toMatch(/\w+.*\.$/)
    expect(definition.parameters).toMatchObject({ type: 'object', additionalProperties: false })
  }
  const names = exampleTools.map(({ definition }) => definition.name)
  expect(new Set(names).size).toBe(names.length)
})

describe('a result is suggested', () => {
  test('that fits what was asked', () => {
    expect(suggest('get_weather', '{"place":"Oslo"}')).toMatchObject({
      place: 'Oslo',
      temperature: 4,
      unit: 'celsius',
    })
    expect(suggest('get_weather', '{"place":"Reno","unit":"fahrenheit"}')).toMatchObject({
      temperature: 39,
      unit: 'fahrenheit',
    })
    expect(suggest('search', '{"query":"ash"}')).toMatchObject([{ text: /ash/ }])
    const time = suggestResult({ id: 'a', name: 'get_time', arguments: '{"zone":"Asia/Tokyo"}' })
    expect(time).toMatch(/"zone": "Asia\/Tokyo",\s+"time": "\d\d:\d\d:\d\d"/)
  })

  test.each([
    ['get_time', '{"zone":"Nowhere/At all"}'],
    ['get_time', '{}'],
    ['get_weather', '{}'],
    ['search', '{"query":null}'],
    ['get_weather', '[]'],
    ['get_weather', '7'],
    ['get_weather', 'null'],
    ['unknown', '{}'],
    ['unknown', 'no JSON'],
    ['get_weather', 'no JSON'],
    ['get_weather', ''],
  ])('whatever the model has written: %s %s', (name, given) => {
    expect(() => suggest(name, given)).not.toThrow()
  })
})
