// What a provider signed or sealed goes back to it byte for byte, and to no other: on the recordings.
import { describe, expect, test } from 'vitest'
import { dialects } from '../test/dialects.ts'
import { hasRecordings, loadRecordings } from '../test/recordings.ts'
import { runDecoder } from '../test/run-decoder.ts'
import { collect } from './collect.ts'
import { createGateway } from './gateway.ts'
import { toolResult, user, type AssistantMessage } from './message.ts'
import type { Provider } from './provider.ts'
import { anthropic } from './providers/anthropic.ts'
import { bedrock } from './providers/bedrock.ts'
import { cohere } from './providers/cohere.ts'
import { google } from './providers/google.ts'
import { ollama } from './providers/ollama.ts'
import { openaiResponses } from './providers/openai-responses.ts'
import { openrouter } from './providers/openrouter.ts'
import type { Fetch } from './transport/connect.ts'

if (!hasRecordings) test.skip('continuations: skipped, ../shared/recordings is not there', () => {})

const apiKey = 'key'
/** A provider of each dialect. */
const providers: { readonly [dialect: string]: (fetch: Fetch) => Provider } = {
  'openai-chat': (fetch) => openrouter({ apiKey, fetch }),
  'openai-responses': (fetch) => openaiResponses({ apiKey, fetch }),
  anthropic: (fetch) => anthropic({ apiKey, fetch }),
  gemini: (fetch) => google({ apiKey, fetch }),
  bedrock: (fetch) => bedrock({ region: 'us-east-1', apiKey, fetch }),
  cohere: (fetch) => cohere({ apiKey, fetch }),
  ollama: (fetch) => ollama({ fetch }),
}

/** By wire: the lines in which a recording has something sealed, and the fields that hold it. */
const sealed: { readonly [wire: string]: readonly [lines: RegExp, field: RegExp] } = {
  'openai-chat': [/"reasoning_details"/, /"(?:signature|data)": ?"([^"]{16,})"/g],
  'openai-responses': [
    /"response\.output_item\.done".*"reasoning"/,
    /"encrypted_content": ?"([^"]+)"/g,
  ],
  anthropic: [
    /"signature_delta"|"(redacted_thinking|compaction)"|"encrypted_content"/,
    /"(?:signature|data|encrypted_content)": ?"([^"]+)"/g,
  ],
  gemini: [/"thoughtSignature"/, /"thoughtSignature": ?"([^"]+)"/g],
  bedrock: [/"reasoningContent"/, /"(?:signature|redactedContent)": ?"([^"]+)"/g],
}

/** What a recording has sealed, found without any decoder. */
function sealsOf(wire: string, bytes: Uint8Array): string[] {
  const [lines, field] = sealed[wire] ?? [/$^/, /$^/g]
  const body = Buffer.from(bytes).toString('latin1')
  return body
    .split(/\n|(?=\{"contentBlockIndex)/)
    .filter((line) => lines.test(line))
    .flatMap((line) =>
      [...line.matchAll(field)].map(([, value = '']) => JSON.parse(`"${value}"`) as string),
    )
}

/** All texts in the request that follows a message. */
async function textsSent(dialect: string, message: AssistantMessage): Promise<Set<string>> {
  let body = ''
  const provider = providers[dialect]?.((_, init) => {
    body = typeof init.body === 'string' ? init.body : ''
    return Promise.reject(new Error('only looked at'))
  })
  const gateway = createGateway({ providers: provider ? [provider] : [], retry: false })
  const results = (message.toolCalls ?? []).map(({ id }) => toolResult(id, 'done'))
  const copy = JSON.parse(JSON.stringify(message)) as AssistantMessage
  const history = [user('Hi'), copy, ...results, ...(results[0] ? [] : [user('Go on')])]
  await gateway.chat(history, { model: 'm' }).catch(() => {})
  const texts = new Set<string>()
  JSON.parse(body, (_, value: unknown) => {
    if (typeof value === 'string') texts.add(value)
    return value
  })
  expect(texts).toContain('Hi')
  return texts
}

for (const { name, wire, files, decoder, failures } of dialects) {
  // Claude's own format in Amazon's frames has its seals within base64.
  if (!sealed[wire] || name === 'anthropic in Amazon’s frames') continue
  const recordings = loadRecordings(wire, files)
    .filter((recording) => failures[recording.name] === undefined)
    .map((recording) => ({ ...recording, seals: sealsOf(wire, recording.bytes) }))
    .filter(({ seals }) => seals.length > 0)

  describe.runIf(hasRecordings)(`what ${name} sealed`, () => {
    test('is in some recordings', () => {
      expect(recordings.length).toBeGreaterThan(0)
    })

    test.each(recordings)('goes back, and nowhere else: $name', async ({ bytes, seals }) => {
      const { output } = runDecoder(decoder(), [bytes])
      const { message } = await collect(output)
      const own = await textsSent(wire, message)
      expect(seals.filter((seal) => !own.has(seal))).toEqual([])
      for (const other of Object.keys(providers)) {
        if (other === wire) continue
        const texts = await textsSent(other, message)
        expect(
          [...texts].filter((text) => seals.some((seal) => text.includes(seal))),
          other,
        ).toEqual([])
      }
    })
  })
}
