import { lastUserText, quote, type Asked } from './asked.ts'
import { autoScript } from './auto-script.ts'
import { valueOf } from './from-schema.ts'
import type { Script } from './script.ts'
import * as texts from './texts.ts'

/** A script that comes with the testkit. */
export type ScriptName =
  | 'auto'
  | 'echo'
  | 'prose'
  | 'code'
  | 'reasoning'
  | 'tools'
  | 'long'
  | 'unicode'
  | 'citations'
  | 'refusal'
  | 'length'
  | 'json'

type MakeScript = (asked: Asked, options: NamedScriptOptions) => Script

/** What each shows. */
const named: { readonly [name in ScriptName]: MakeScript } = {
  /** An answer to what was asked: calls, JSON, the results of tools summed up, or an echo. */
  auto: autoScript,
  /** The user's last words, and nothing else. */
  echo: ({ messages }: Asked) => [{ text: quote(lastUserText(messages), 2000) || '…' }],
  /** A few paragraphs. */
  prose: () => [{ text: texts.prose }],
  /** Markdown: a heading, a list, a table, code. */
  code: () => [{ text: texts.code }],
  /** Thoughts first, then an answer. */
  reasoning: () => [{ reasoning: texts.thoughts }, { text: texts.conclusion }],
  /** Two calls at once; of the request's own tools where there are. */
  tools: toolsScript,
  /** 3,000 words, or `words` of them. */
  long: (_: Asked, { words = 3000 }: NamedScriptOptions) => [{ text: texts.long(words) }],
  /** Emoji of several code points, Chinese, Arabic, combining marks. */
  unicode: () => [{ text: texts.unicode }],
  /** An answer with sources. */
  citations: () => [
    { text: texts.cited[0] },
    {
      citation: {
        url: 'https://example.com/squirrels',
        title: 'Red squirrels',
        text: 'They live in trees.',
      },
    },
    { text: texts.cited[1] },
    { citation: { url: 'https://example.com/ash', title: 'The ash tree' } },
  ],
  /** The model declines. */
  refusal: () => [{ refusal: 'I cannot help with that.' }],
  /** Cut by the limit of tokens in the middle of a call. */
  length: () => [
    { text: 'Let me look that up.' },
    {
      toolCalls: [
        { name: 'search', arguments: { query: 'red squirrels', limit: 10 }, cutAfter: 14 },
      ],
    },
  ],
  /** JSON: of the schema that is asked for, or some. */
  json: ({ options: { responseFormat: format } }: Asked) => {
    const value = format?.type === 'json_schema' ? valueOf(format.schema) : texts.data
    return [{ text: JSON.stringify(value, null, 2) }]
  },
}

/** What a script with a name can be told. */
export interface NamedScriptOptions {
  /** Of `long`. Default: 3,000. */
  words?: number
}

/** The names of all scripts that come with the testkit. */
export const scriptNames: readonly ScriptName[] = Object.keys(named).filter(isScriptName)

/** Whether a script of this name comes with the testkit. */
export function isScriptName(name: string): name is ScriptName {
  return Object.hasOwn(named, name)
}

/**
 * The script of a name, for a request.
 *
 * @example
 * ```ts
 * import { namedScript, simulator } from '@ratatoskr/testkit'
 *
 * const handle = simulator({
 *   script: (asked, turn) => (turn === 1 ? [{ text: 'Hello!' }] : namedScript('long', asked, { words: 50 })),
 * })
 * ```
 */
export function namedScript(
  name: ScriptName,
  asked: Asked,
  options: NamedScriptOptions = {},
): Script {
  return named[name](asked, options)
}

function toolsScript({ options }: Asked): Script {
  const own = (options.tools ?? []).map(({ name, parameters }) => ({
    name,
    arguments: parameters === undefined ? {} : valueOf(parameters),
  }))
  const [first, second = first] = own
  const toolCalls =
    first && second
      ? [first, second]
      : [
          { name: 'weather', arguments: { city: 'Oslo', unit: 'celsius' } },
          { name: 'time', arguments: { zone: 'Europe/Oslo' } },
        ]
  return [{ text: 'I will look at both.' }, { toolCalls }]
}
