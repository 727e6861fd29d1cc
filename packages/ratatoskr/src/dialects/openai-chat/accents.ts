import { stringify } from '../api-error.ts'
import { readCost } from '../read-cost.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import { count } from '../count.ts'
import type { Choice, Chunk, Delta } from './chunk.ts'

/**
 * Makes the function that rewrites the chunks of one reply from what hosts with an accent send
 * into what OpenAI describes. A chunk without any is returned as it is.
 */
export function hearAccents(): (chunk: Chunk) => Chunk {
  const cited = new Set<string>()
  return (chunk) => {
    const { usage, x_groq: groq, citations, search_results: results } = chunk
    // Nearly all chunks: nothing is copied only to find that nothing changed.
    if (!usage && !groq && !citations && !results && !chunk.choices?.some(hasAccent)) return chunk
    let heard = chunk
    // Groq has usage in a place of its own, some models there alone.
    const sent = usage ?? fieldsOf(groq)['usage']
    if (isRecord(sent)) heard = { ...heard, usage: plainUsage(sent) }

    // Perplexity repeats its sources, which only grow, on every chunk.
    const annotations = citations || results ? readSources(results, citations, cited) : []
    const choices = heard.choices?.map((choice) =>
      choice.delta && hasAccent(choice) ? { ...choice, delta: plainDelta(choice.delta) } : choice,
    )
    if (annotations.length > 0) choices?.unshift({ delta: { annotations } })
    return choices ? { ...heard, choices } : heard
  }
}

function hasAccent({ delta }: Choice): boolean {
  const { content, function_call: call } = delta ?? {}
  return Boolean(call) || Array.isArray(content)
}

function plainDelta(delta: Delta): Delta {
  const { content, function_call: call } = delta
  let plain = delta
  // OpenAI's own, before there were tools.
  if (call) plain = { ...plain, tool_calls: [{ index: 0, function: call }] }
  if (Array.isArray(content)) {
    // Mistral's content is a list while it thinks: `thinking`, itself a list of texts, and `text`.
    const parts = content.map(fieldsOf)
    const thoughts = parts.flatMap(({ thinking }) =>
      Array.isArray(thinking) ? thinking.map((part) => fieldsOf(part)['text']) : thinking,
    )
    // Its references are the places of documents among the results of tools.
    const references = parts.flatMap(({ reference_ids: ids }) => [ids ?? []].flat())
    plain = {
      ...plain,
      ...(references[0] !== undefined && {
        annotations: references.map((id) => ({
          url_citation: { document_id: typeof id === 'string' ? id : stringify(id) },
        })),
      }),
      content: parts.map(({ text }) => textOf(text)).join(''),
      reasoning_content: thoughts.map(textOf).join(''),
    }
  }
  return plain
}

type Fields = { readonly [field: string]: unknown }

/** Counts under other names, what is counted apart, and US dollars in other units. */
function plainUsage(usage: Fields): Fields {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage
  const details = fieldsOf(usage['completion_tokens_details'])
  const reasoning = details['reasoning_tokens'] ?? usage['reasoning_tokens']
  const [said = 0, thought = 0] = [count(completion), count(reasoning)]
  // xAI, and Grok on Azure: the total tells that reasoning is not part of the completion.
  const apart = thought > 0 && total === (count(prompt) ?? 0) + said + thought
  const cached = usage['prompt_cache_hit_tokens'] ?? usage['cached_tokens']
  return {
    ...usage,
    completion_tokens: apart ? said + thought : completion,
    completion_tokens_details: { ...details, reasoning_tokens: reasoning },
    prompt_tokens_details: { cached_tokens: cached, ...fieldsOf(usage['prompt_tokens_details']) },
    cost: readCost(usage),
  }
}

/** Perplexity's `search_results` (objects) and `citations` (bare URLs), as annotations. */
function readSources(results: unknown, urls: unknown, cited: Set<string>): Fields[] {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
  return [...list(results), ...list(urls).map((url) => ({ url }))].flatMap((result) => {
    const { url, title, snippet } = fieldsOf(result)
    if (cited.has(textOf(url))) return []
    cited.add(textOf(url))
    return [{ url_citation: { url, title, content: snippet } }]
  })
}
