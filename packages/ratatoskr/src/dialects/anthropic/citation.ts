import type { Citation } from '../../event.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { count } from '../count.ts'

/**
 * Reads one citation of a text block: of a search result, or of a document that was sent along,
 * which is told by its place among the documents.
 *
 * Format: https://platform.claude.com/docs/en/build-with-claude/citations
 */
export function readCitation(sent: unknown, start: number, end: number): Citation {
  const { url, source, title, document_title, cited_text, document_index } = fieldsOf(sent)
  const address = textOf(url ?? source)
  const name = textOf(title ?? document_title)
  const text = textOf(cited_text)
  const place = count(document_index)
  return {
    ...(address && { url: address }),
    ...(name && { title: name }),
    ...(text && { text }),
    ...(place !== undefined && { documentId: `${place}` }),
    ...(end > start && { start, end }),
  }
}
