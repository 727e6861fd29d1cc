import type { Message, ToolDefinition, ToolResultMessage } from 'ratatoskr'
import { lastUserText, quote, type Asked } from './asked.ts'
import { valueOf } from './from-schema.ts'
import type { Script, ScriptedCall, Step } from './script.ts'

/** An answer to what was asked, the same each time. */
export function autoScript(asked: Asked): Script {
  const { messages, options } = asked
  const { reasoning, responseFormat: format } = options
  const text = lastUserText(messages)
  const thinks = reasoning && reasoning.effort !== 'none' && !reasoning.exclude
  const thoughts: Step[] = thinks
    ? [{ reasoning: `The user says: “${quote(text, 80)}”. I will give a short answer.` }]
    : []

  const results = resultsOf(messages)
  const toolCalls = callsFor(asked, text, results.length > 0)
  if (toolCalls.length > 0) return [...thoughts, { toolCalls }]
  if (format?.type === 'json_schema') {
    return [...thoughts, { text: JSON.stringify(valueOf(format.schema), null, 2) }]
  }
  if (format?.type === 'json') {
    return [...thoughts, { text: JSON.stringify({ answer: quote(text) }, null, 2) }]
  }
  return limit([...thoughts, { text: answerTo(text, results) }], options.maxTokens)
}

function answerTo(text: string, results: readonly ToolResultMessage[]): string {
  if (results.length > 0) {
    const told = results.map((result) => {
      const said = quote(contentOf(result)) || 'nothing'
      return result.isError ? `a failure: ${said}` : said
    })
    return `The ${told.length === 1 ? 'tool gave' : 'tools gave'} ${told.join('; ')}. That is all I know.`
  }
  if (text.trim() === '') return 'Hello! Ask me something, and I will repeat it.'
  return `You said: “${quote(text)}”. I am a simulated model, so that is all I can tell.`
}

/** Results of tools that the model has not seen yet. */
function resultsOf(messages: readonly Message[]): ToolResultMessage[] {
  const last = messages.map(({ role }) => role).lastIndexOf('assistant')
  return messages.slice(last + 1).filter((message) => message.role === 'tool')
}

function callsFor({ options }: Asked, text: string, isAnswered: boolean): ScriptedCall[] {
  const { tools = [], toolChoice: choice = 'auto', parallelToolCalls = true } = options
  if (choice === 'none' || (isAnswered && choice === 'auto')) return []
  const chosen =
    typeof choice === 'object'
      ? tools.filter(({ name }) => name === choice.name)
      : mentioned(tools, text)
  return chosen
    .slice(0, parallelToolCalls && typeof choice === 'string' ? 3 : 1)
    .map(({ name, parameters }) => ({
      name,
      arguments: parameters === undefined ? {} : valueOf(parameters),
    }))
}

/** The tools that a text seems to ask for, by the words of their names; else the first. */
function mentioned(tools: readonly ToolDefinition[], text: string): ToolDefinition[] {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
  const found = tools.filter(({ name }) =>
    name
      .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .some((word) => word.length > 3 && words.has(word)),
  )
  return found.length > 0 ? found : tools.slice(0, 1)
}

function contentOf({ content }: ToolResultMessage): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '[image]')).join(' ')
}

/** Cuts what is said after so many tokens, counted as usage is. */
function limit(script: readonly Step[], maxTokens = Infinity): Script {
  let left = maxTokens * 4
  const kept: Step[] = []
  for (const step of script) {
    const [kind, text] =
      'text' in step
        ? (['text', step.text] as const)
        : 'reasoning' in step
          ? (['reasoning', step.reasoning] as const)
          : []
    if (kind === undefined) continue
    const said = text.slice(0, left)
    if (said) kept.push(kind === 'text' ? { text: said } : { reasoning: said })
    left -= said.length
    if (said.length < text.length) return [...kept, { finish: 'length' }]
  }
  return kept
}
