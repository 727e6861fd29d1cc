import type { Citation } from '../../event.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { count } from '../count.ts'

/**
 * Reads an annotation of a text: an address, a file of the search, or one that a tool wrote.
 * Undefined where it tells no source.
 *
 * @param base Where in the content the annotated part begins.
 */
export function readCitation(annotation: unknown, base: number): Citation | undefined {
  const sent = fieldsOf(annotation)
  const [url, documentId] = [textOf(sent['url']), textOf(sent['file_id'])]
  if (!url && !documentId) return undefined
  const title = textOf(sent['title'] ?? sent['filename'])
  const [start = Infinity, end = 0] = [count(sent['start_index']), count(sent['end_index'])]
  return {
    ...(url && { url }),
    ...(title && { title }),
    ...(documentId && { documentId }),
    ...(end > start && { start: base + start, end: base + end }),
  }
}
