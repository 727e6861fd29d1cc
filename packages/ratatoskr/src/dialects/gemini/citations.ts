import type { Citation } from '../../event.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import { stringify } from '../api-error.ts'
import { count } from '../count.ts'

type Json = { readonly [field: string]: unknown }

/** Text beyond this is not kept for places, which are rare. In characters. */
const kept = 2 ** 20

/** The sources of one reply, which come with places in bytes, some before the text is all there. */
export interface Sources {
  addText: (text: string) => void
  /** Search results and documents: those of the last chunk count. */
  ground: (metadata: unknown) => void
  /** Where the text repeats something. */
  cite: (metadata: unknown) => void
  take: () => Citation[]
}

/**
 * Collects sources. Their places are counted in bytes of UTF-8 (`Segment` in the format), ours in
 * UTF-16 units, so the beginning of the text is kept; of what lies behind, no place is told.
 *
 * Format: https://ai.google.dev/api/generate-content#GroundingMetadata
 */
export function collectSources(): Sources {
  let text = ''
  let grounding: unknown
  const recited = new Map<string, Json>()

  return {
    addText(piece) {
      if (text.length < kept) text += piece
    },
    ground(metadata) {
      grounding = metadata ?? grounding
    },
    cite(metadata) {
      const { citationSources, citations } = fieldsOf(metadata)
      for (const source of [citationSources ?? citations].flat().filter(isRecord)) {
        recited.set(stringify(source), source)
      }
    },
    take() {
      const { groundingChunks, groundingSupports } = fieldsOf(grounding)
      const chunks = [groundingChunks ?? []].flat().map(readSource)
      const supports = [groundingSupports ?? []].flat().map(fieldsOf)
      const units = supports[0] || recited.size > 0 ? unitsOf(text) : []
      const placeOf = (sent: unknown): { start?: number; end?: number } => {
        const { startIndex = 0, endIndex } = fieldsOf(sent)
        const [start = Infinity, end = 0] = [startIndex, endIndex].map(
          (bytes) => units[count(bytes) ?? -1],
        )
        return end > start ? { start, end } : {}
      }
      const supported = supports.flatMap(({ segment, groundingChunkIndices }) =>
        [groundingChunkIndices].flat().flatMap((index) => {
          const source = chunks[count(index) ?? -1]
          const words = textOf(fieldsOf(segment)['text'])
          return source ? [{ ...source, ...(words && { text: words }), ...placeOf(segment) }] : []
        }),
      )
      const repeated = [...recited.values()].map((source): Citation => {
        const [url, title] = [textOf(source['uri']), textOf(source['title'])]
        return { ...(url && { url }), ...(title && { title }), ...placeOf(source) }
      })
      return [...(supported[0] ? supported : chunks), ...repeated].filter(
        (citation) => Object.keys(citation).length > 0,
      )
    },
  }
}

function readSource(chunk: unknown): Citation {
  const { web, retrievedContext, maps } = fieldsOf(chunk)
  const { uri, title, fileSearchStore, documentName, text } = fieldsOf(
    web ?? retrievedContext ?? maps,
  )
  const documentId = textOf(documentName ?? fileSearchStore)
  return {
    ...(textOf(uri) && { url: textOf(uri) }),
    ...(textOf(title) && { title: textOf(title) }),
    ...(textOf(text) && { text: textOf(text) }),
    ...(documentId && { documentId }),
  }
}

/**
 * How many UTF-16 units the first so many bytes of a text are; holes within its characters. All at
 * once, for there may be as many places as words.
 */
function unitsOf(text: string): number[] {
  const units: number[] = [0]
  let [bytes, at] = [0, 0]
  for (const character of text) {
    const code = character.charCodeAt(0)
    at += character.length
    // Three, or four for a pair of surrogates.
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : character.length + 2
    units[bytes] = at
  }
  return units
}
