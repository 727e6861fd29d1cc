import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../test/chunkings.ts'
import { dialects, fixtureBytes, type DialectUnderTest } from '../test/dialects.ts'
import { anyPieceSize, fuzzed, fuzzTimeout } from '../test/fuzz.ts'
import { anyJsonMutation, anyMutation, mutate, mutateJson } from '../test/mutations.ts'
import { loadRecordings } from '../test/recordings.ts'
import { framesOf, framingOf, replyDecoderOf } from '../test/reply-parts.ts'
import { runDecoder, type Run } from '../test/run-decoder.ts'
import { eventsProblem } from '../test/strict-events.ts'
import { countWork } from '../test/work.ts'
import { createCollector } from './collector.ts'
import * as anthropic from './dialects/anthropic/index.ts'
import * as cohere from './dialects/cohere/index.ts'
import * as gemini from './dialects/gemini/index.ts'
import * as ollama from './dialects/ollama/index.ts'
import * as openaiChat from './dialects/openai-chat/index.ts'
import * as openaiResponses from './dialects/openai-responses/index.ts'
import type { ReplyDecoder } from './dialects/reply-decoder.ts'
import type { ChatEvent } from './event.ts'
import { wholeBody } from './frames/whole-body.ts'
import type { ChatResponse } from './response.ts'

const mutations = fc.array(anyMutation, { minLength: 1, maxLength: 5 })

for (const dialect of dialects) {
  const framing = framingOf(dialect)
  // Long ones say nothing that short ones do not.
  const recorded = loadRecordings(dialect.wire, dialect.files)
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes.length <= 16_384)
  const bodies = [fixtureBytes(dialect), ...recorded]

  describe(`changed replies of ${dialect.name}`, () => {
    test(
      'give events in order and then done, or an error of the library, in linear work',
      () => {
        fc.assert(
          fc.property(
            fc.nat(),
            mutations,
            anyPieceSize,
            fc.boolean(),
            (which, changes, size, includeProviderEvents) => {
              const body = mutate(framing, bodies, bodies[which % bodies.length] ?? empty, changes)
              const decoder = replyDecoderOf(dialect, framesOf(dialect), { includeProviderEvents })
              // Tiny pieces of a large body take long, and show nothing that its beginning does not.
              const pieces = piecesOf(body, Math.max(size, Math.ceil(body.length / 20_000)))
              expectReply(decoder, pieces, body.length)
            },
          ),
          fuzzed(150),
        )
      },
      fuzzTimeout,
    )

    test(
      'give the same however they are cut',
      () => {
        fc.assert(
          fc.property(fc.nat(), mutations, anyPieceSize, (which, changes, size) => {
            const body = mutate(framing, bodies, bodies[which % bodies.length] ?? empty, changes)
            const pieces = piecesOf(body, Math.max(size, Math.ceil(body.length / 20_000)))
            const whole = runDecoder(dialect.decoder(), [body])
            const cut = runDecoder(dialect.decoder(), pieces)
            expect(told(cut)).toEqual(told(whole))
          }),
          fuzzed(40),
        )
      },
      fuzzTimeout,
    )
  })
}

const empty = new Uint8Array()

/** Events and the code; deep values are no matter of Vitest's. */
function told({ output, error }: Run<ChatEvent>): unknown {
  const plain = output.map((event) =>
    event.type === 'done' ? { ...event, continuation: typeof event.continuation } : event,
  )
  return { output: plain, code: error?.code, message: error?.message }
}

function expectReply(
  decoder: ReplyDecoder<Uint8Array>,
  pieces: readonly Uint8Array[],
  size: number,
): void {
  const { result, decoded, parsed } = countWork(() => runDecoder(decoder, pieces))
  const { output, error } = result
  expect(eventsProblem(output, error !== undefined)).toBeUndefined()
  expect(decoder.phase === 'done').toBe(output.at(-1)?.type === 'done')
  const collector = createCollector()
  for (const event of output) collector.add(event)
  expect(collector.partial().message.role).toBe('assistant')
  expect(Object.keys(Object.prototype)).toEqual([])
  expect('polluted' in {}).toBe(false)
  // Each byte is text once, or twice within Amazon's messages; JSON once in its frame, once as arguments.
  expect(decoded).toBeLessThanOrEqual(size * 2 + 64)
  expect(parsed).toBeLessThanOrEqual(size * 3 + 64)
}

/** A reply that is one JSON value, as a service sends it that was not asked to stream. */
const wholes: { readonly [name: string]: (response: ChatResponse) => unknown } = {
  'openai-chat': (response) => openaiChat.encodeResponse(response, { model: 'm' }),
  anthropic: (response) => anthropic.encodeResponse(response, { model: 'm' }),
  ollama: (response) => ollama.encodeResponse(response, { model: 'm' }),
  'openai-responses': (response) => openaiResponses.encodeResponse(response, { model: 'm' }),
  gemini: (response) => gemini.encodeResponse(response, { model: 'm' }),
  cohere: (response) => cohere.encodeResponse(response, {}),
}

describe.each(Object.entries(wholes))('changed whole replies of %s', (name, encode) => {
  const dialect = dialects.find((each) => each.name === name)
  if (!dialect) throw new Error(`There is no dialect ${name}`)
  const json = JSON.stringify(encode(responseOf(dialect)))

  test(
    'give events in order and then done, or an error of the library',
    () => {
      fc.assert(
        fc.property(
          fc.array(anyJsonMutation(), { minLength: 1, maxLength: 5 }),
          fc.boolean(),
          (changes, includeProviderEvents) => {
            const body = new TextEncoder().encode(changes.reduce(mutateJson, json))
            const decoder = replyDecoderOf(dialect, wholeBody(), { includeProviderEvents })
            expectReply(decoder, piecesOf(body, 1000), body.length)
          },
        ),
        fuzzed(150),
      )
    },
    fuzzTimeout,
  )
})

function responseOf(dialect: DialectUnderTest): ChatResponse {
  const collector = createCollector()
  for (const event of runDecoder(dialect.decoder(), [fixtureBytes(dialect)]).output) {
    collector.add(event)
  }
  return { finishReason: 'stop', ...collector.partial() }
}
