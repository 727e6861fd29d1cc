import type { Tape } from '@ratatoskr/testkit'

/** A tape that comes with the page. */
export interface GalleryTape {
  id: string
  title: string
  /** What there is to see. */
  about: string
  open: () => Promise<Tape>
}

const files = import.meta.glob<unknown>('./gallery/*.tape.json', { import: 'default' })

/** All of them. */
export const gallery: readonly GalleryTape[] = [
  tape(
    'ratatoskr',
    'Reasoning, then a tool call',
    'OpenRouter’s format, reasoning before the text',
  ),
  tape('anthropic', 'Signed thinking and two calls', 'Anthropic’s format, with all of its events'),
  tape('split-characters', 'Characters cut in two', 'Chunks of 7 bytes end in the middle of emoji'),
  tape('cut-off', 'Cut off in the middle', 'A call without its end: it is never run'),
]

function tape(id: string, title: string, about: string): GalleryTape {
  return {
    id,
    title,
    about,
    async open() {
      const [{ parseTape }, file] = await Promise.all([
        import('./kit-parts.ts'),
        files[`./gallery/${id}.tape.json`]?.(),
      ])
      return parseTape(file)
    },
  }
}
