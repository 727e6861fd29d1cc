import {
  createGateway,
  isRatatoskrError,
  user,
  type ChatOptions,
  type Message,
  type Provider,
} from 'ratatoskr'

/** What a page cannot find out by itself. */
export interface ProviderNotes {
  title: string
  /** The module and the factory. */
  from: string
  factory: string
  /** What stands between the factory's brackets. */
  options: string
  make: (fetch: (url: string, init: RequestInit) => Promise<Response>) => Provider
  /** A model's name, as the page shows it. */
  model: string
  /** Of the factory, each with its meaning. */
  settings: readonly string[]
  /** Whether a page may call it, and what to do where it may not. */
  browser: string
  /** What there is besides. */
  more: readonly string[]
  format: string
}

/** Each option that a request may have, as it is asked for. */
const asked: readonly (readonly [name: string, options: Partial<ChatOptions>])[] = [
  ['`tools`', { tools: [{ name: 'f' }] }],
  ['`tools` with `strict`', { tools: [{ name: 'f', strict: true }] }],
  ["`toolChoice: 'none'`", { tools: [{ name: 'f' }], toolChoice: 'none' }],
  ["`toolChoice: 'required'`", { tools: [{ name: 'f' }], toolChoice: 'required' }],
  ['`toolChoice: { name }`', { tools: [{ name: 'f' }], toolChoice: { name: 'f' } }],
  ['`temperature`', { temperature: 0.5 }],
  ['`topP`', { topP: 0.5 }],
  ['`topK`', { topK: 3 }],
  ['`maxTokens`', { maxTokens: 100 }],
  ['`stop`', { stop: 'x' }],
  ['`seed`', { seed: 1 }],
  ['`frequencyPenalty`', { frequencyPenalty: 0.5 }],
  ['`presencePenalty`', { presencePenalty: 0.5 }],
  ['`parallelToolCalls: false`', { tools: [{ name: 'f' }], parallelToolCalls: false }],
  ['`responseFormat` of type `json`', { responseFormat: { type: 'json' } }],
  [
    '`responseFormat` of type `json_schema`',
    { responseFormat: { type: 'json_schema', schema: {} } },
  ],
  ["`reasoning: { effort: 'none' }`", { reasoning: { effort: 'none' } }],
  ["`reasoning: { effort: 'minimal' }`", { reasoning: { effort: 'minimal' } }],
  ["`reasoning: { effort: 'high' }`", { reasoning: { effort: 'high' } }],
  ["`reasoning: { effort: 'xhigh' }`", { reasoning: { effort: 'xhigh' } }],
  ['`reasoning: { maxTokens }`', { reasoning: { maxTokens: 2000 } }],
  ['`reasoning: { exclude: true }`', { reasoning: { exclude: true } }],
  ['`cachePrompt`', { cachePrompt: true }],
]

/** Each kind of message, besides text. */
const messages: readonly (readonly [name: string, messages: Message[]])[] = [
  ['images by their data', [user([{ type: 'image', data: 'aGk=', mediaType: 'image/png' }])]],
  ['images by an address', [user([{ type: 'image', url: 'https://a.example/a.png' }])]],
  [
    'PDF files by their data',
    [user([{ type: 'file', data: 'aGk=', mediaType: 'application/pdf' }])],
  ],
  ['PDF files by an address', [user([{ type: 'file', url: 'https://a.example/a.pdf' }])]],
  ['sound', [user([{ type: 'file', data: 'aGk=', mediaType: 'audio/wav' }])]],
]

/** What came of a request: what was sent, or why nothing was. */
async function probe(
  { make, model }: ProviderNotes,
  options: Partial<ChatOptions>,
  given: Message[] = [user('Hello')],
): Promise<{ url: string; headers: string[] } | string> {
  let sent: { url: string; headers: string[] } | undefined
  const provider = make((url, init) => {
    sent = { url, headers: Object.keys(init.headers ?? {}) }
    return Promise.reject(new Error('only looked at'))
  })
  try {
    const gateway = createGateway({ providers: [provider], retry: false })
    await gateway.chat(given, { model, ...options })
  } catch (error) {
    if (isRatatoskrError(error) && error.code === 'unsupported') return error.message
  }
  return sent ?? 'nothing was sent'
}

/** The page of a provider, made of what its code does. */
export async function providerPage(notes: ProviderNotes): Promise<string> {
  const { title, from, factory, options, model, settings, browser, more, format } = notes
  const plain = await probe(notes, {})
  const refused: string[] = []
  for (const [name, option] of asked) {
    const outcome = await probe(notes, option)
    if (typeof outcome === 'string') refused.push(`- ${name}: "${outcome}"`)
  }
  const untaken: string[] = []
  for (const [name, given] of messages) {
    const outcome = await probe(notes, {}, given)
    if (typeof outcome === 'string') untaken.push(`- ${name}: "${outcome}"`)
  }
  const isSent = typeof plain !== 'string'
  return (
    [
      `# ${title}`,
      'This page is made by `docs/providers.test.ts` from what the code does; the test fails where the two differ.',
      [
        '```ts',
        "import { createGateway, user } from 'ratatoskr'",
        `import { ${factory} } from '${from}'`,
        '',
        wrap('const gateway = createGateway({', `providers: [${factory}(${options})]`, '})', ','),
        wrap(
          'const ask = () =>',
          `gateway.chatStream([user('Hello')], { model: '${model}' })`,
          '',
          '',
        ),
        '```',
      ].join('\n'),
      '## Settings',
      settings.map((line) => `- ${line}`).join('\n'),
      ...(isSent
        ? [
            '## What is sent',
            [
              `- To \`${plain.url}\``,
              `- Headers: ${plain.headers
                .toSorted()
                .map((name) => `\`${name}\``)
                .join(', ')}`,
            ].join('\n'),
          ]
        : []),
      '## What is refused',
      refused.length > 0
        ? 'Each is an error with code `unsupported` before anything is sent, and says:'
        : 'Nothing: each option has its field.',
      ...(refused.length > 0 ? [refused.join('\n')] : []),
      ...(untaken.length > 0 ? ['So are, in messages:', untaken.join('\n')] : []),
      '## From a browser',
      browser,
      ...(more.length > 0 ? ['## Besides', more.map((line) => `- ${line}`).join('\n')] : []),
      `Format: <${format}>`,
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  )
}

/** On one line, where it is no longer than the formatter's. */
function wrap(start: string, inner: string, end: string, comma: string): string {
  const line = `${start} ${inner} ${end}`.trim()
  return line.length <= 100 ? line : `${start}\n  ${inner}${comma}\n${end}`.trim()
}
