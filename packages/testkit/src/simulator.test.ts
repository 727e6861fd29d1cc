import fc from 'fast-check'
import { toolResult, user, type ChatEvent, type Continuation, type ToolDefinition } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { ask, bytesOf, dialectNames, gatewayOf, joined, key } from '../test/ask.ts'
import type { Asked } from './asked.ts'
import { namedScript, scriptNames } from './named-script.ts'
import type { Script } from './script.ts'
import { simulator, simulatorFetch } from './simulator.ts'
import type { SimulatorOptions } from './simulator-options.ts'

const weather: ToolDefinition = {
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'kelvin'] } },
    required: ['city'],
  },
}
const time: ToolDefinition = { name: 'time' }

/** A request as an official client would send it, to be changed for a test. */
type Checked = (typeof dialectNames)[number]
const bodies: { readonly [name in Checked]: { [field: string]: unknown } } = {
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
  anthropic: { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] },
}
const paths = { 'openai-chat': '/v1/chat/completions', anthropic: '/v1/messages' }
const keyHeaders = {
  'openai-chat': { authorization: `Bearer ${key}` },
  anthropic: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
}

interface Answer {
  status: number
  headers: Headers
  json: { [field: string]: unknown }
  text: string
}

async function post(
  dialect: Checked,
  changes: { [field: string]: unknown } | string = {},
  options: SimulatorOptions = {},
  headers: { [name: string]: string } = keyHeaders[dialect],
): Promise<Answer> {
  const body =
    typeof changes === 'string' ? changes : JSON.stringify({ ...bodies[dialect], ...changes })
  const url = `http://simulated.test${paths[dialect]}`
  const request = new Request(url, { method: 'POST', headers, body })
  const response = await simulator(options)(request)
  const text = await response.text()
  let json = {}
  try {
    json = JSON.parse(text) as { [field: string]: unknown }
  } catch {}
  return { status: response.status, headers: response.headers, json, text }
}

describe.each(dialectNames)('%s', (dialect) => {
  const isAnthropic = dialect === 'anthropic'

  test.each(scriptNames)('%s is read as it is written, however it is cut', async (script) => {
    let steps: Script = []
    const options: SimulatorOptions = {
      script: (asked) => (steps = namedScript(script, asked, { words: 200 })),
    }
    const { events, error } = await ask(dialect, simulatorFetch(options))
    expect(error).toBeUndefined()
    expect(eventsFor(steps, events)).toEqual(canonical(events))
    for (const split of ['byte', 7, { seed: 3 }] as const) {
      const again = await ask(dialect, simulatorFetch({ ...options, split }))
      expect(again.events).toEqual(events)
    }
  })

  test('any script is read as it is written, at any pace', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    const step = fc.oneof(
      text.map((content) => ({ text: content })),
      text.map((reasoning) => ({ reasoning })),
      fc.record({ x: fc.integer(), y: text }).map((args) => ({
        toolCalls: [{ name: 'f', arguments: args }, { name: 'g' }],
      })),
      fc.constant({ wait: 0 }),
    )
    const perDelta = fc.oneof(fc.constant('word' as const), fc.integer({ min: 1, max: 9 }))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), perDelta, async (script, size) => {
        const { events, error } = await ask(
          dialect,
          simulatorFetch({ script, pace: { perDelta: size } }),
        )
        expect(error).toBeUndefined()
        expect(eventsFor(script, events)).toEqual(canonical(events))
      }),
      { numRuns: 40 },
    )
  })

  test.each(['prose', 'reasoning', 'tools', 'refusal', 'json'] as const)(
    'a whole reply of %s says the same as a stream',
    async (script) => {
      const streamed = await ask(dialect, simulatorFetch({ script }))
      // A provider that asks for no stream: the library always does, so the field is taken out.
      const inner = simulatorFetch({ script })
      const whole = await ask(dialect, (url, init) => {
        const body = { ...(JSON.parse(init?.body as string) as object), stream: false }
        return inner(url, { ...init, body: JSON.stringify(body) })
      })
      expect(whole.error).toBeUndefined()
      const plain = (events: readonly ChatEvent[]): ChatEvent[] =>
        events.toSorted((a, b) => a.type.localeCompare(b.type))
      expect(plain(whole.events)).toEqual(plain(streamed.events))
    },
  )

  test('usage comes as it is counted, and as the script says', async () => {
    const { events } = await ask(dialect, simulatorFetch({ script: [{ text: 'x'.repeat(9) }] }))
    const usage = { promptTokens: 2, completionTokens: 3, totalTokens: 5 }
    expect(events).toContainEqual({ type: 'usage', usage })
    const given = { promptTokens: 100, cachedTokens: 40 }
    const told = await ask(dialect, simulatorFetch({ script: [{ usage: given }] }))
    expect(told.events[0]).toMatchObject({ usage: { ...given, completionTokens: 0 } })
  })

  test('a finish may be the service’s own word', async () => {
    const words = isAnthropic
      ? ({ pause_turn: 'other', stop_sequence: 'stop', refusal: 'content_filter' } as const)
      : ({ insufficient_system_resource: 'other', length: 'length' } as const)
    for (const [rawFinishReason, finishReason] of Object.entries(words)) {
      const script = [{ text: 'a' }, { finish: rawFinishReason }]
      const { events } = await ask(dialect, simulatorFetch({ script }))
      expect(events.at(-1)).toMatchObject({ finishReason, rawFinishReason })
    }
  })

  test('the script is given the request and its number', async () => {
    const seen: (Asked & { turn: number })[] = []
    const fetch = simulatorFetch({
      script: (asked, turn) => {
        seen.push({ ...asked, turn })
        return turn === 1 ? [{ text: 'first' }] : 'echo'
      },
    })
    const first = await ask(dialect, fetch, { temperature: 1, tools: [weather] })
    const second = await ask(dialect, fetch)
    expect(first.events[0]).toEqual({ type: 'content', text: 'first' })
    expect(second.events[0]).toEqual({ type: 'content', text: 'Hello' })
    expect(seen.map(({ turn }) => turn)).toEqual([1, 2])
    expect(seen[0]).toMatchObject({
      dialect,
      model: 'm',
      stream: true,
      options: { temperature: 1, tools: [{ name: 'get_weather' }] },
    })
    expect(seen[0]?.messages).toEqual([
      { role: 'user', content: isAnthropic ? [{ type: 'text', text: 'Hello' }] : 'Hello' },
    ])
  })

  describe('auto', () => {
    const auto = simulatorFetch()

    test('echoes', async () => {
      const { events } = await ask(dialect, auto)
      expect(contentOf(events)).toContain('Hello')
    })

    test('calls tools, then sums up what they gave', async () => {
      const gateway = gatewayOf(dialect, auto)
      const history = [user('What time is it, and the weather?')]
      const options = { model: 'm', tools: [weather, time] }
      const first = await gateway.chat(history, options)
      expect(first.toolCalls).toMatchObject([
        { name: 'get_weather', arguments: '{"city":"city","unit":"celsius"}' },
        { name: 'time', arguments: '{}' },
      ])
      const results = first.toolCalls.map(({ id }, i) => toolResult(id, `result ${i}`))
      const second = await gateway.chat([...history, first.message, ...results], options)
      expect(second.content).toContain('result 0; result 1')
      expect(second.toolCalls).toEqual([])
      const ids = first.toolCalls.map(({ id }) => id)
      const third = await gateway.chat(
        [...history, first.message, ...results, second.message, user('The time again?')],
        options,
      )
      expect(third.toolCalls).toHaveLength(1)
      expect(ids).not.toContain(third.toolCalls[0]?.id)
    })

    test('respects the choice of tools', async () => {
      const called = async (toolChoice: 'none' | 'required' | { name: string }) => {
        const { events } = await ask(dialect, auto, { tools: [weather, time], toolChoice })
        return events.flatMap((event) => (event.type === 'tool_call_start' ? [event.name] : []))
      }
      expect(await called('none')).toEqual([])
      expect(await called('required')).toEqual(['get_weather'])
      expect(await called({ name: 'time' })).toEqual(['time'])
    })

    test('writes JSON of the schema', async () => {
      const schema = {
        type: 'object',
        properties: { n: { type: 'integer', minimum: 3 } },
        required: ['n'],
      }
      const { events } = await ask(dialect, auto, {
        responseFormat: { type: 'json_schema', name: 'x', schema },
      })
      expect(JSON.parse(contentOf(events))).toEqual({ n: 3 })
    })

    test('thinks first where it is asked to, and stops at the limit of tokens', async () => {
      const { events } = await ask(dialect, auto, { reasoning: { effort: 'low' } })
      expect(events[0]?.type).toBe('reasoning')
      const cut = await ask(dialect, auto, { maxTokens: 2 })
      expect(contentOf(cut.events)).toHaveLength(8)
      expect(cut.events.at(-1)).toMatchObject({ finishReason: 'length' })
    })
  })

  test('the model may be named after a script', async () => {
    const { events } = await ask(dialect, simulatorFetch(), { model: 'simulated/refusal' })
    expect(events[0]?.type).toBe('refusal')
  })

  test('options may depend on the request', async () => {
    const fetch = simulatorFetch(({ url }) => ({ script: [{ text: new URL(url).pathname }] }))
    expect(contentOf((await ask(dialect, fetch)).events)).toBe(paths[dialect])
  })

  test('each frame is a chunk, and nothing is made ahead of the reader', async () => {
    let beats = 0
    function* steps(): Generator<{ text: string }> {
      for (; beats < 100; beats += 1) yield { text: `${beats} ` }
    }
    const script: Script = Object.assign([], { [Symbol.iterator]: steps })
    const handle = simulator({ script })
    const { body } = await handle(
      new Request(`http://simulated.test${paths[dialect]}`, {
        method: 'POST',
        headers: keyHeaders[dialect],
        body: JSON.stringify({ ...bodies[dialect], stream: true }),
      }),
    )
    const reader = body?.getReader()
    for (let i = 0; i < 4; i += 1) await reader?.read()
    expect(beats).toBeLessThan(5)
    await reader?.cancel()
    expect(beats).toBeLessThan(5)
  })

  test('it stops at once when the signal aborts, while the model is silent', async () => {
    const stop = new AbortController()
    const fetch = simulatorFetch({ script: [{ text: 'a' }, { wait: 1e9 }, { text: 'b' }] })
    const stream = await gatewayOf(dialect, fetch).chatStream([user('Hi')], {
      model: 'm',
      signal: stop.signal,
    })
    const reader = stream.getReader()
    expect((await reader.read()).value).toEqual({ type: 'content', text: 'a' })
    const reason = new Error('stopped')
    const waiting = reader.read()
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })

  test('it does not wait for a script that is not there yet when the signal aborts', async () => {
    const stop = new AbortController()
    const fetch = simulatorFetch({ script: () => new Promise(() => {}) })
    const asking = fetch(`http://simulated.test${paths[dialect]}`, {
      method: 'POST',
      headers: keyHeaders[dialect],
      body: JSON.stringify(bodies[dialect]),
      signal: stop.signal,
    })
    const reason = new Error('stopped')
    stop.abort(reason)
    await expect(asking).rejects.toBe(reason)
  })

  test('the body fails with the reason of the request’s signal', async () => {
    const stop = new AbortController()
    const response = await simulatorFetch({ script: [{ text: 'a' }, { wait: 1e9 }] })(
      `http://simulated.test${paths[dialect]}`,
      {
        method: 'POST',
        headers: keyHeaders[dialect],
        body: JSON.stringify({ ...bodies[dialect], stream: true }),
        signal: stop.signal,
      },
    )
    const reason = new Error('stopped')
    const reading = bytesOf(response.body ?? new ReadableStream())
    stop.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })

  test('keys, models and bodies are checked as the service does', async () => {
    const none = await post(
      dialect,
      {},
      {},
      { ...keyHeaders[dialect], authorization: '', 'x-api-key': '' },
    )
    expect(none.status).toBe(401)
    expect(none.text).toContain(isAnthropic ? 'x-api-key header is required' : 'provide an API key')
    const wrong = await post(dialect, {}, { keys: ['another'] })
    expect(wrong.status).toBe(401)
    expect(wrong.text).not.toContain(key)
    expect((await post(dialect, {}, { keys: [key] })).status).toBe(200)
    const open = { 'anthropic-version': '2023-06-01' }
    expect((await post(dialect, {}, { keys: false }, open)).status).toBe(200)

    expect((await post(dialect, { model: 'unknown-model' })).status).toBe(404)
    expect((await post(dialect, {}, { models: ['other'] })).text).toContain(
      isAnthropic ? 'model: m' : 'The model `m` does not exist or you do not have access to it.',
    )
    expect((await post(dialect, '{oops')).status).toBe(400)
    expect((await post(dialect, '[]')).status).toBe(400)
    expect((await post(dialect, { model: undefined })).status).toBe(400)
    expect((await post(dialect, { messages: undefined })).text).toContain('messages')
    const odd = await post(dialect, { messages: [{ role: 'wizard', content: 'x' }] })
    expect(odd.status).toBe(400)
    const error = { type: 'invalid_request_error', message: expect.any(String) as string }
    expect(odd.json).toMatchObject({ error })
  })

  test('a whole reply without stream', async () => {
    const { json, headers } = await post(dialect, {}, { script: [{ text: 'Hello!' }] })
    expect(headers.get('content-type')).toContain('application/json')
    expect(json).toMatchObject(
      isAnthropic
        ? { type: 'message', content: [{ type: 'text', text: 'Hello!' }], stop_reason: 'end_turn' }
        : { object: 'chat.completion', choices: [{ message: { content: 'Hello!' } }] },
    )
  })

  test('the models, and what there is not', async () => {
    const get = async (path: string, method = 'GET') => {
      const url = `http://simulated.test${path}`
      return simulator({ models: ['a', 'b'] })(
        new Request(url, { method, headers: keyHeaders[dialect] }),
      )
    }
    expect(await (await get('/v1/models')).json()).toMatchObject({
      data: [{ id: 'a' }, { id: 'b' }],
    })
    const missing = await get('/v1/nothing', 'POST')
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject(
      isAnthropic
        ? { type: 'error', error: { type: 'not_found_error' }, request_id: 'req_sim_0' }
        : { error: { message: 'Invalid URL (POST /v1/nothing)' } },
    )
    expect((await get(paths[dialect])).status).toBe(405)
  })

  test('pages of other origins are let in as the service does', async () => {
    const preflight = async (names: string, options: SimulatorOptions = {}) => {
      const url = `http://simulated.test${paths[dialect]}`
      const headers = { origin: 'http://page.test', 'access-control-request-headers': names }
      const response = await simulator(options)(new Request(url, { method: 'OPTIONS', headers }))
      return response.headers.get('access-control-allow-origin')
    }
    const access = 'anthropic-dangerous-direct-browser-access'
    expect(await preflight('authorization,content-type')).toBe(isAnthropic ? null : '*')
    expect(await preflight(`x-api-key,${access}`)).toBe('*')
    expect(await preflight(access, { cors: false })).toBe(null)
    // A page may read why it was refused, too.
    const headers = { ...keyHeaders[dialect], [access]: 'true' }
    const refused = await post(dialect, { model: 'unknown' }, {}, headers)
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
  })
})

/** What a script says, as a reader should see it; how it ends and what it cost is taken from there. */
function eventsFor(script: Script, read: readonly ChatEvent[]): ChatEvent[] {
  let index = 0
  const said = script.flatMap((step): ChatEvent[] => {
    if ('text' in step) return [{ type: 'content', text: step.text }]
    if ('reasoning' in step) return [{ type: 'reasoning', text: step.reasoning }]
    if ('refusal' in step) return [{ type: 'refusal', text: step.refusal }]
    if ('citation' in step) {
      // Where it stands is told by one service only.
      const seen = read.filter((event) => event.type === 'citation')
      const same = seen.find(({ citation }) => citation.url === step.citation.url)
      return [{ type: 'citation', citation: { ...same?.citation, ...step.citation } }]
    }
    if (!('toolCalls' in step)) return []
    return step.toolCalls.flatMap(({ name, arguments: args, cutAfter }): ChatEvent[] => {
      const text = JSON.stringify(args ?? {}).slice(0, cutAfter)
      const start = read.find((event) => event.type === 'tool_call_start' && event.index === index)
      const id = start?.type === 'tool_call_start' ? start.id : ''
      const call: ChatEvent[] = [
        { type: 'tool_call_start', index, id, name },
        { type: 'tool_call_delta', index, arguments: text },
      ]
      if (cutAfter === undefined) call.push({ type: 'tool_call_end', index })
      index += 1
      return call
    })
  })
  return canonical([...said, ...read.slice(-2)])
}

/** Chat Completions says only at the end which calls are whole, and what was cited. */
function canonical(events: readonly ChatEvent[]): ChatEvent[] {
  const isLate = ({ type }: ChatEvent): boolean => type === 'tool_call_end' || type === 'citation'
  const end = events.slice(-2)
  const rest = events.slice(0, -2)
  const late = rest.filter(isLate).toSorted((a, b) => a.type.localeCompare(b.type))
  return [...joined(rest.filter((event) => !isLate(event))), ...late, ...end]
}

function blocksOf(continuation: Continuation | undefined): { thinking?: string }[] {
  const { blocks } = (continuation as Continuation).data as { blocks: { thinking?: string }[] }
  return blocks
}

function contentOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'content' ? event.text : '')).join('')
}

describe('openai-chat: calls and their results', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
  const asks = { role: 'assistant', content: null, tool_calls: [call] }
  const gives = { role: 'tool', tool_call_id: 'call_1', content: '1' }
  const hi = { role: 'user', content: 'Hi' }

  test.each([
    [[hi, asks, gives], undefined, undefined],
    [[hi, gives], 'messages.[1].role', 'must be a response to a preceeding message'],
    [[hi, asks, { ...gives, tool_call_id: 'other' }], 'messages.[2].tool_call_id', 'not found'],
    [[hi, asks], 'messages.[2].role', 'did not have response messages: call_1'],
    [[hi, asks, hi], 'messages.[2].role', 'did not have response messages: call_1'],
    [[hi, asks, gives, hi, gives], 'messages.[4].role', 'preceeding message'],
  ])('%j', async (messages, param, words) => {
    const { status, json, text } = await post('openai-chat', { messages })
    expect(status).toBe(param ? 400 : 200)
    if (param) expect(json).toMatchObject({ error: { param } })
    expect(text).toContain(words ?? '"finish_reason":"stop"')
  })
})

describe('anthropic: what its service asks for', () => {
  const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }
  const asks = { role: 'assistant', content: [use] }
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: '1' }
  const gives = { role: 'user', content: [result] }
  const hi = { role: 'user', content: 'Hi' }
  const say = { type: 'text', text: 'Here.' }
  const budget = { type: 'enabled', budget_tokens: 1024 }
  const thinking = (signature?: string) => ({ type: 'thinking', thinking: 'Hm.', signature })

  test.each([
    [{ messages: [hi, asks, gives] }, ''],
    [{ max_tokens: undefined }, 'max_tokens: Field required'],
    [{ max_tokens: 0 }, 'max_tokens: Input should be'],
    [{ messages: [] }, 'messages: at least one message is required'],
    [
      { messages: [gives] },
      'messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.',
    ],
    [
      {
        messages: [hi, asks, { role: 'user', content: [result, { ...result, tool_use_id: 'x' }] }],
      },
      'messages.2.content.1: unexpected',
    ],
    [
      { messages: [hi, asks, hi] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.',
    ],
    [{ messages: [hi, asks] }, 'messages.1: `tool_use` ids were found'],
    [
      { messages: [hi, asks, { role: 'user', content: [say, result] }] },
      'messages.1: `tool_use` ids were found',
    ],
    [
      { messages: [hi, asks, gives, asks, gives] },
      'messages.3.content.0: `tool_use` ids must be unique',
    ],
    [
      { messages: [hi, { role: 'assistant', content: [{ ...use, id: 'a:b' }] }] },
      'messages.1.content.0.tool_use.id: String should match',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'text content blocks must be non-empty',
    ],
    [
      { messages: [hi, { role: 'assistant', content: [thinking('forged'), say] }, hi] },
      'messages.1.content.0: Invalid `signature` in `thinking` block',
    ],
    [
      { messages: [hi, { role: 'assistant', content: [thinking(), say] }, hi] },
      'messages.1.content.0.thinking.signature: Field required',
    ],
    [
      {
        messages: [
          hi,
          { role: 'assistant', content: [{ type: 'redacted_thinking', data: 'x' }] },
          hi,
        ],
      },
      'Invalid `data` in `redacted_thinking` block',
    ],
    [
      { messages: [hi, asks, gives], thinking: budget, max_tokens: 2000 },
      'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`',
    ],
    [{ thinking: budget }, '`max_tokens` must be greater than `thinking.budget_tokens`'],
    [{ thinking: { ...budget, budget_tokens: 10 } }, 'greater than or equal to 1024'],
    [
      { thinking: budget, max_tokens: 2000, temperature: 0.5 },
      '`temperature` may only be set to 1',
    ],
    [
      {
        thinking: { type: 'adaptive' },
        tools: [{ name: 'f', input_schema: {} }],
        tool_choice: { type: 'any' },
      },
      'tool_choice forces tool use',
    ],
    [
      { tools: [{ name: 'a b', input_schema: { type: 'object' } }] },
      'tools.0.custom.name: String should match',
    ],
  ])('%j', async (changes, words) => {
    const { status, json } = await post('anthropic', changes)
    expect(status).toBe(words ? 400 : 200)
    if (words) {
      const message = expect.stringContaining(words) as string
      expect(json).toMatchObject({
        type: 'error',
        error: { type: 'invalid_request_error', message },
      })
    }
  })

  test('the version, and from a page the header that allows it', async () => {
    const { 'x-api-key': own } = keyHeaders.anthropic
    const none = await post('anthropic', {}, {}, { 'x-api-key': own })
    expect(none).toMatchObject({
      status: 400,
      text: expect.stringContaining('header is required') as string,
    })
    const wrong = await post('anthropic', {}, {}, { 'x-api-key': own, 'anthropic-version': '1999' })
    expect(wrong.text).toContain('is not a valid version')
    const page = { ...keyHeaders.anthropic, origin: 'http://page.test' }
    expect((await post('anthropic', {}, {}, page)).status).toBe(401)
    expect((await post('anthropic', {}, { cors: false }, page)).status).toBe(200)
  })

  test('signed and encrypted thinking comes back unmodified, or is refused', async () => {
    const script = (_: Asked, turn: number): Script =>
      turn === 1
        ? [
            { reasoning: 'I must look it up.' },
            { redacted: 'secret' },
            { toolCalls: [{ name: 'f' }] },
          ]
        : [{ text: 'done' }]
    const options = { model: 'm', reasoning: { maxTokens: 1024 }, tools: [{ name: 'f' }] }
    const gateway = gatewayOf('anthropic', simulatorFetch({ script }))
    const first = await gateway.chat([user('Hi')], options)
    const { message, toolCalls } = first
    const results = toolCalls.map(({ id }) => toolResult(id, 1))
    const second = await gateway.chat([user('Hi'), message, ...results], options)
    expect(second.content).toBe('done')

    const forged = structuredClone(message)
    const [block] = blocksOf(forged.continuation)
    if (block) block.thinking = 'I must hook it up.'
    await expect(gateway.chat([user('Hi'), forged, ...results], options)).rejects.toMatchObject({
      code: 'invalid_request',
      providerMessage: 'messages.1.content.0: Invalid `signature` in `thinking` block',
    })
  })
})
