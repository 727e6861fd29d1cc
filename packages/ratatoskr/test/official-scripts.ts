import type { ChatEvent } from '../src/event.ts'

const done = (fields: Partial<Extract<ChatEvent, { type: 'done' }>> = {}): ChatEvent => ({
  type: 'done',
  finishReason: 'stop',
  id: 'upstream-1',
  model: 'upstream-model',
  ...fields,
})
const usage: ChatEvent = {
  type: 'usage',
  usage: {
    promptTokens: 120,
    completionTokens: 34,
    totalTokens: 154,
    reasoningTokens: 9,
    cachedTokens: 64,
    cacheWriteTokens: 16,
  },
}
const start = (index: number, name = 'weather', id = `call_${'abc'[index]}`): ChatEvent => ({
  type: 'tool_call_start',
  index,
  id,
  name,
})
const delta = (index: number, text: string): ChatEvent => ({
  type: 'tool_call_delta',
  index,
  arguments: text,
})
const end = (index: number): ChatEvent => ({ type: 'tool_call_end', index })
const content = (text: string): ChatEvent => ({ type: 'content', text })
const reasoning = (text: string): ChatEvent => ({ type: 'reasoning', text })

/** Replies that a model may make, as events. */
export const scripts: { readonly [name: string]: readonly ChatEvent[] } = {
  text: [
    content('Żółw — 松'),
    content('鼠 🐿️'),
    content('\r\n\u2028"data: [DONE]"'),
    usage,
    done(),
  ],
  'nothing at all': [done()],
  'reasoning, then text': [reasoning('Hm 🤔 '), reasoning('well.'), content('Hi'), usage, done()],
  'parallel calls, one after the other': [
    content('Let me see.'),
    start(0),
    delta(0, '{"city":'),
    delta(0, '"Łódź 🏙️"}'),
    end(0),
    start(1, 'get_time'),
    delta(1, '{"zone":{"name":"Asia/東京","at":[1,2.5,null]}}'),
    end(1),
    usage,
    done({ finishReason: 'tool_calls', rawFinishReason: 'tool_calls' }),
  ],
  'parallel calls, in between each other': [
    start(0),
    delta(0, '{"a":'),
    start(1, 'get_time'),
    delta(1, '{"b":'),
    delta(0, '1}'),
    content('meanwhile '),
    start(2, 'search'),
    delta(1, '2}'),
    end(1),
    end(0),
    delta(2, '{"c":3}'),
    content('done'),
    end(2),
    usage,
    done({ finishReason: 'tool_calls' }),
  ],
  'parallel calls, all ended at the end': [
    start(0),
    delta(0, '{"a":1}'),
    start(1, 'get_time'),
    delta(1, '{"b":2}'),
    end(0),
    end(1),
    done({ finishReason: 'tool_calls' }),
  ],
  'calls without arguments': [
    start(0),
    end(0),
    start(1, 'get_time'),
    end(1),
    done({ finishReason: 'tool_calls' }),
  ],
  'a custom call': [
    { type: 'tool_call_start', index: 0, id: 'call_a', name: 'shell', kind: 'custom' },
    delta(0, 'echo "a"\n'),
    delta(0, '\\ & 🐚'),
    end(0),
    done({ finishReason: 'tool_calls' }),
  ],
  citations: [
    content('It rains. '),
    {
      type: 'citation',
      citation: { url: 'https://a.example/1', title: 'One', text: 'rain', start: 0, end: 9 },
    },
    content('It pours.'),
    {
      type: 'citation',
      citation: { url: 'https://a.example/2', title: 'Two', start: 10, end: 19 },
    },
    usage,
    done(),
  ],
  'cited documents': [
    content('As it says.'),
    { type: 'citation', citation: { documentId: '1', title: 'Report', text: 'says' } },
    // Not the place of a document.
    { type: 'citation', citation: { documentId: '1e3', text: 'As' } },
    done(),
  ],
  refusal: [
    { type: 'refusal', text: 'I cannot ' },
    { type: 'refusal', text: 'help with that.' },
    usage,
    done({ finishReason: 'content_filter' }),
  ],
  'a refusal that the text alone tells': [{ type: 'refusal', text: 'No.' }, done()],
  'a refusal that was cut off': [{ type: 'refusal', text: 'N' }, done({ finishReason: 'length' })],
  'cut off by its length': [content('Once upon a'), usage, done({ finishReason: 'length' })],
  'cut off in the middle of a call': [
    start(0),
    delta(0, '{"a":1}'),
    end(0),
    start(1, 'get_time'),
    delta(1, '{"zone":"Eur'),
    usage,
    done({ finishReason: 'length', rawFinishReason: 'max_tokens' }),
  ],
  'an end of its own': [
    content('Hm'),
    done({ finishReason: 'other', rawFinishReason: 'pause_turn' }),
  ],
}
