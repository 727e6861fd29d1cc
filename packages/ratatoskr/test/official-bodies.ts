// What two bodies of requests may differ in and still ask for the same. Each function is the whole
// table of its dialect; what is not in it is a loss.

/** A body, or a part of one. */
export type Json = { [field: string]: unknown }

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const copy = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** A text is the same as a list with one text in it. */
function parts(content: unknown): Json[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : list(content)
}

function texts(content: unknown): string {
  return parts(content)
    .map(({ text = '' }) => text)
    .join('')
}

/** Without the fields that are null, which say nothing. */
function said(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

/** A body for Chat Completions in its plainest form. */
export function plainOpenai(body: unknown): Json {
  const {
    // The gateway always streams; what the client wants is in `stream` and `reply` of what is decoded.
    stream: _,
    stream_options: __,
    // Two names of one thing.
    max_tokens: most,
    max_completion_tokens: max = most,
    stop,
    tools,
    tool_choice: choice,
    response_format: format,
    messages,
    // A penalty of 0 is none.
    frequency_penalty: frequency,
    presence_penalty: presence,
    // The only number of answers that there may be.
    n: ___,
    ...rest
  } = said(copy(body))
  const { type, json_schema: schema } = (format ?? {}) as Json
  return {
    ...rest,
    penalties: [frequency ?? 0, presence ?? 0],
    max,
    stop: stop === undefined ? undefined : [stop].flat(),
    // Text is what comes without a format.
    format:
      type === 'json_schema'
        ? { strict: false, ...said(schema as Json) }
        : type === 'text'
          ? undefined
          : format,
    tools: list(tools).map((tool) => plainOpenaiTool(tool)),
    // Without tools there is nothing to choose.
    choice: tools === undefined ? undefined : choice,
    messages: list(messages).map((message) => plainOpenaiMessage(said(message))),
  }
}

function plainOpenaiTool(tool: Json): Json {
  if (tool['type'] !== 'function') return tool
  const { function: described } = tool
  // A tool without parameters takes none.
  const none = { type: 'object', properties: {} }
  return { ...tool, function: { parameters: none, ...said(described as Json) } }
}

function plainOpenaiMessage({ role, content, refusal = '', ...message }: Json): Json {
  // Developer is the newer word for system.
  if (role === 'system' || role === 'developer') return { role: 'system', content: texts(content) }
  if (role === 'assistant') {
    const refusals = parts(content).map((part) =>
      part['type'] === 'refusal' ? part['refusal'] : '',
    )
    return {
      ...message,
      role,
      content: texts(content),
      refusal: [refusal, ...refusals].join(''),
      tool_calls: list(message['tool_calls']),
    }
  }
  return { ...message, role, content: parts(content).map((part) => plainOpenaiPart(part)) }
}

function plainOpenaiPart(part: Json): Json {
  if (part['type'] !== 'file') return part
  const { filename = 'file', file_data: data } = part['file'] as { [field: string]: string }
  // The bytes alone are taken for what their name says.
  return {
    type: 'file',
    filename,
    data: data?.startsWith('data:') ? data : `data:application/pdf;base64,${data}`,
  }
}

/** A body for Anthropic's Messages in its plainest form. */
export function plainAnthropic(body: unknown): Json {
  const {
    stream: _,
    system = [],
    messages,
    tools,
    tool_choice: choice,
    stop_sequences: stop,
    ...rest
  } = said(copy(body))
  const all = list(messages)
  const turns: { role: unknown; content: Json[] }[] = []
  for (const { role, content } of all) {
    if (role === 'system') continue
    const blocks = parts(content).map((block) => plainBlock(block))
    const last = turns.at(-1)
    // Neighbours of one role are one turn.
    if (last && last.role === role) last.content.push(...blocks)
    else turns.push({ role, content: blocks })
  }
  // Instructions stand above all, wherever they stood.
  const instructions = all.flatMap(({ role, content }) => (role === 'system' ? parts(content) : []))
  const { disable_parallel_tool_use: alone, ...chosen } = (choice ?? {}) as Json
  return {
    ...rest,
    // No texts to stop at are none.
    stop: list(stop),
    system: [...parts(system), ...instructions].map((block) => plainBlock(block)),
    messages: turns,
    tools: list(tools).map((tool) => {
      const { type = 'custom', cache_control: __, ...described } = said(tool)
      return { type, ...described }
    }),
    // Parallel calls are allowed where nothing is said; without tools there is nothing to choose.
    choice: tools === undefined ? {} : { ...chosen, ...(alone === true && { alone }) },
  }
}

/** Without the marks of what may be cached: `cachePrompt` has places of its own for them. */
function plainBlock(block: Json): Json {
  const { cache_control: _, citations, ...plain } = said(block)
  const { type, content, is_error: failed } = plain
  if (type === 'tool_result') {
    const { is_error: __, ...result } = plain
    const inner = parts(content).map((part) => plainBlock(part))
    return { ...result, content: inner, ...(failed === true && { is_error: failed }) }
  }
  const enabled = (citations as Json | undefined)?.['enabled']
  // Citations of a document are off where nothing is said.
  return citations === undefined || enabled === false ? plain : { ...plain, citations }
}

/** Whether some block is marked as the end of what may be cached. */
export function hasMark(body: unknown): boolean {
  return JSON.stringify(body).includes('"cache_control":{')
}
