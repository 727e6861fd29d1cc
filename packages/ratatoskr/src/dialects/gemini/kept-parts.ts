import type { Continuation } from '../../event.ts'
import { textOf } from '../../json/shape.ts'
import type { Part } from './chunk.ts'

/** A part of a reply, as the next request gives it back. */
type KeptPart = { [field: string]: unknown; length?: number; call?: string; image?: number }

/** The parts of one reply, while it comes. */
export interface KeptParts {
  /** A piece of content. */
  text: (part: Part, length: number) => void
  call: (part: Part, id: string) => void
  /** A later piece of the last call, which may hold its signature. */
  sign: (part: Part) => void
  /** The image that is shown as the one of this number. */
  image: (part: Part, index: number) => void
  /** A part that the message does not tell: all of it is kept. */
  other: (part: Part) => void
  continuation: () => Continuation | undefined
}

/**
 * Keeps what a message does not tell of its parts: their signatures, each of which must come back
 * on the very part that it came with, and what Google's own tools did. Texts are kept as lengths,
 * joined where nothing stands between them; calls by their ids, images by their places.
 *
 * Format: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function keepParts(): KeptParts {
  const parts: KeptPart[] = []
  let hasMore = false

  const add = (part: KeptPart): void => {
    if (part['thoughtSignature']) hasMore = true
    parts.push(part)
  }
  const signature = ({ thoughtSignature }: Part): KeptPart =>
    thoughtSignature ? { thoughtSignature } : {}

  return {
    text(part, length) {
      const { text: _, thought: __, thoughtSignature: ___, ...others } = part
      const own = { ...others, ...signature(part) }
      const isPlain = Object.keys(own).length === 0
      const last = parts.at(-1)
      if (!isPlain) hasMore = true
      if (isPlain && last?.length !== undefined && Object.keys(last).length === 1) {
        last.length += length
      } else if (length > 0 || !isPlain) {
        add({ ...own, length })
      }
    },
    call(part, call) {
      const id = textOf(part.functionCall?.id)
      add({ ...signature(part), ...(id && { id }), call })
    },
    sign({ thoughtSignature }) {
      const last = parts.at(-1)
      if (!thoughtSignature || last?.call === undefined) return
      hasMore = true
      last['thoughtSignature'] = thoughtSignature
    },
    image(part, image) {
      add({ ...signature(part), image })
    },
    other(part) {
      hasMore = true
      add({ ...part })
    },
    continuation: () => (hasMore ? { dialect: 'gemini', data: { parts } } : undefined),
  }
}
