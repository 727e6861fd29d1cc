import type { Script } from '@ratatoskr/testkit'

const usage = { promptTokens: 7, completionTokens: 5, totalTokens: 12 }

/** A text, and what it has cost. */
export const answer: Script = [{ text: 'Łódź is ' }, { text: 'sunny 🌞.' }, { usage }]

/** Calls in parallel. */
export const calls: Script = [
  {
    toolCalls: [
      { name: 'weather', arguments: { city: 'Łódź' } },
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'clock' },
    ],
  },
  { usage },
]

/** What a client has in the end of {@link calls}. */
export const called: readonly (readonly [string, object])[] = [
  ['weather', { city: 'Łódź' }],
  ['weather', { city: 'Oslo' }],
  ['clock', {}],
]

/** Of an answer in JSON. */
export const schema = {
  type: 'object',
  properties: { answer: { type: 'integer' } },
  required: ['answer'],
  additionalProperties: false,
}
