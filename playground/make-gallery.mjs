// Makes the tapes of the gallery anew, after `npm run build`: `node playground/make-gallery.mjs`.
import { readFile, writeFile } from 'node:fs/promises'
import { record, simulatorFetch, stringifyTape, withFaults } from '@ratatoskr/testkit'

const pace = { delay: 25, firstDelay: 300 }
const question = [{ role: 'user', content: 'Can Ratatoskr climb today?' }]
const openai = { model: 'squirrel-1', stream: true, messages: question }
const anthropic = {
  model: 'squirrel-1',
  max_tokens: 4096,
  stream: true,
  messages: question,
  thinking: { type: 'enabled', budget_tokens: 2048 },
}

await keep('ratatoskr', 'Reasoning, then a tool call', '/v1/chat/completions', openai, {
  fixture: await readFile(new URL('../examples/fixtures/reply.sse', import.meta.url)),
})
await keep('anthropic', 'Signed thinking and two calls', '/v1/messages', anthropic, {
  pace,
  script: [
    { reasoning: 'The branch may be wet. I look at the weather above and below before I answer.' },
    { text: 'I ask at the crown and at the root.' },
    {
      toolCalls: [
        { name: 'get_weather', arguments: { place: 'the crown of Yggdrasil' } },
        { name: 'get_weather', arguments: { place: 'the root by Níðhöggr' } },
      ],
    },
  ],
})
await keep('split-characters', 'Characters cut in two', '/v1/chat/completions', openai, {
  pace,
  split: 7,
  script: [
    {
      text: 'Squirrel: 🐿️. Family: 👩‍👩‍👧‍👦. Flag: 🇳🇴. Ratatoskr: ラタトスク. World tree: 世界樹 🌳. Déjà vu, naïve, Ævar.',
    },
  ],
})
await keep('cut-off', 'Cut off in the middle', '/v1/chat/completions', openai, {
  pace,
  script: [
    { text: 'I look at the weather first.' },
    {
      toolCalls: [
        { name: 'get_weather', arguments: { place: 'the crown of Yggdrasil' }, cutAfter: 22 },
      ],
    },
    { fault: { kind: 'cut' } },
  ],
})

/**
 * @param {string} id
 * @param {string} note
 * @param {string} path
 * @param {object} body
 * @param {import('@ratatoskr/testkit').SimulatorOptions & { fixture?: Uint8Array }} how
 */
async function keep(id, note, path, body, { fixture, ...options }) {
  const source = fixture
    ? () => Promise.resolve(fixtureResponse(fixture))
    : simulatorFetch({ ...options, keys: false })
  const { fetch, tapes } = record({ fetch: source })
  const response = await fetch(`https://simulated.test${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  const text = await response.text().catch(() => '')
  const [tape] = tapes
  if (!tape || !response.ok) throw new Error(`${id}: ${response.status} ${text}`)
  delete tape.recorded
  const file = new URL(`src/tapes/gallery/${id}.tape.json`, import.meta.url)
  await writeFile(file, stringifyTape({ ...tape, note }))
  console.log(id, tape.chunks.length, 'chunks,', tape.end)
}

/** The project's own fixture at the pace of a model. @param {Uint8Array} bytes */
function fixtureResponse(bytes) {
  const whole = new Response(new Uint8Array(bytes), {
    headers: { 'content-type': 'text/event-stream' },
  })
  return withFaults(whole, [{ kind: 'drip', size: 90, delay: 22 }])
}
