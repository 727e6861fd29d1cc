// A call, its result, and the answer, with what the provider must get back as it came.

import { createGateway, toolResult } from 'ratatoskr'
import type { ChatOptions, Message } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { replay, tapeFromBytes } from '@ratatoskr/testkit'
import type { FetchLike } from '@ratatoskr/testkit'
import { equal, ok } from './assert.ts'
import { dialects, key } from './dialects.ts'
import type { Dialect } from './dialects.ts'
import { messages } from './gateway-helpers.ts'
import { sealedReplies } from './sealed-replies.ts'
import { newId, observe, simulated } from './server.ts'
import type { ConformanceCase, ConformanceContext } from './types.ts'

const options: ChatOptions & { model: string } = {
  model: 'simulated-1',
  tools: [
    {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
}

/** Asks, calls the tool, and asks again with a history that was stored as JSON. */
async function callAndAnswer(
  context: ConformanceContext,
  provider: (fetch?: FetchLike) => ReturnType<Dialect['provider']>,
  id: string,
  first?: FetchLike,
): Promise<void> {
  const gateway = (fetch?: FetchLike): ReturnType<typeof createGateway> =>
    createGateway({ providers: [provider(fetch)], retry: false })
  const called = await gateway(first).chat(messages, options)
  equal(called.finishReason, 'tool_calls', 'the finish reason')
  equal(
    called.toolCalls.map(({ name }) => name),
    ['get_weather'],
    'the calls',
  )
  const results = called.toolCalls.map((call) => toolResult(call.id, 'Sun ☀️.'))
  const history = JSON.parse(JSON.stringify([...messages, called.message, ...results])) as Message[]
  const answer = await gateway().chat(history, options)
  equal(answer.content, 'The tool gave Sun ☀️.. That is all I know.', 'the answer')
  const { body } = await observe(context, id)
  const sent = textsOf(body)
  const ids = new Set(called.toolCalls.map((call) => call.id))
  for (const text of textsOf(called.message.continuation?.data)) {
    // It tells by its id where a call stands; Google's calls need not have any.
    ok(ids.has(text) || sent.has(text), `the request gives back: ${text}`)
  }
}

/** All texts in a value. */
function textsOf(value: unknown): Set<string> {
  const texts = new Set<string>()
  JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'string') texts.add(member)
    return member
  })
  return texts
}

const casesOf = (dialect: Dialect): ConformanceCase[] => {
  const sealed = sealedReplies[dialect.name]
  const { bytes, contentType, seals } = sealed ?? {}
  return [
    {
      name: `tools: ${dialect.name}: a call, its result and the answer`,
      async run(context) {
        const id = newId()
        await callAndAnswer(context, (fetch) => dialect.provider(simulated(context, id), fetch), id)
        equal((await observe(context, id)).count, 2, 'requests')
      },
    },
    ...(bytes && contentType && seals
      ? [
          {
            name: `tools: ${dialect.name}: what was sealed goes back as it came`,
            async run(context: ConformanceContext) {
              const id = newId()
              const root = simulated(context, id)
              const tape = tapeFromBytes(bytes(), { contentType })
              const provider: Parameters<typeof callAndAnswer>[1] =
                dialect.name === 'openai-chat'
                  ? (fetch) =>
                      openrouter({ apiKey: key, baseURL: `${root}/v1`, ...(fetch && { fetch }) })
                  : (fetch) => dialect.provider(root, fetch)
              await callAndAnswer(context, provider, id, replay(tape))
              const sent = textsOf((await observe(context, id)).body)
              for (const seal of seals) ok(sent.has(seal), `the request gives back: ${seal}`)
            },
          },
        ]
      : []),
  ]
}

export const toolLoopCases: readonly ConformanceCase[] = dialects.flatMap(casesOf)
