import type { Citation } from '../../event.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { count } from '../count.ts'

/**
 * An annotation of type `url_citation`, as OpenAI's search models and OpenRouter send it; or a
 * document of the request, as Mistral names one.
 */
export function readUrlCitation(annotation: unknown): Citation | undefined {
  const { url, title, content, start_index, end_index, document_id } = fieldsOf(
    fieldsOf(annotation)['url_citation'],
  )
  const documentId = textOf(document_id)
  if (!textOf(url) && !documentId) return undefined
  const [start = 0, end = 0] = [count(start_index), count(end_index)]
  return {
    ...(textOf(url) && { url: textOf(url) }),
    ...(documentId && { documentId }),
    ...(textOf(title) && { title: textOf(title) }),
    ...(textOf(content) && { text: textOf(content) }),
    // OpenRouter writes 0 to 0 where it does not know the place.
    ...(end > start && { start, end }),
  }
}
