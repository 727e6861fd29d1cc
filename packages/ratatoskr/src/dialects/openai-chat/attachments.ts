import type { Citation, GeneratedImage } from '../../event.ts'
import { isRecord } from '../../json/predicate.ts'

/** An annotation of type `url_citation`, as OpenAI's search models and OpenRouter send it. */
export function readUrlCitation(annotation: unknown): Citation | undefined {
  if (!isRecord(annotation)) return undefined
  const source = annotation['url_citation']
  if (!isRecord(source) || typeof source['url'] !== 'string') return undefined
  const citation: Citation = { url: source['url'] }
  if (isText(source['title'])) citation.title = source['title']
  if (isText(source['content'])) citation.text = source['content']
  const { start_index: start, end_index: end } = source
  // OpenRouter writes 0 to 0 where it does not know the place.
  if (typeof start === 'number' && typeof end === 'number' && end > start) {
    citation.start = start
    citation.end = end
  }
  return citation
}

/** Perplexity's `search_results` (objects) and `citations` (bare URLs, in the same order). */
export function readWebSources(results: unknown, urls: unknown): (Citation & { url: string })[] {
  const sources: (Citation & { url: string })[] = []
  for (const result of Array.isArray(results) ? results : []) {
    if (!isRecord(result) || !isText(result['url'])) continue
    const source: Citation & { url: string } = { url: result['url'] }
    if (isText(result['title'])) source.title = result['title']
    if (isText(result['snippet'])) source.text = result['snippet']
    sources.push(source)
  }
  for (const url of Array.isArray(urls) ? urls : []) if (isText(url)) sources.push({ url })
  return sources
}

/** An image part with a data URL or an address, as OpenRouter's image models send it. */
export function readImage(part: unknown): GeneratedImage | undefined {
  if (!isRecord(part) || !isRecord(part['image_url'])) return undefined
  const url = part['image_url']['url']
  if (!isText(url)) return undefined
  const inline = /^data:([^;,]+);base64,/.exec(url)
  const mediaType = inline?.[1]
  if (inline === null || mediaType === undefined) return { mediaType: 'image/*', url }
  return { mediaType, data: url.slice(inline[0].length) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
