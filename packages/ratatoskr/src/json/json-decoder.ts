import type { Decoder } from '../decoder.ts'
import { RatatoskrError } from '../errors.ts'
import type { TextFrame } from '../frames/text-frame.ts'
import { fieldsOf, misfitOf, type Shape } from './shape.ts'
import { fill, templateOf, type Template } from './template.ts'

/** What stands in a dialect's frames: JSON of a shape, and perhaps one word that is not JSON. */
export interface FrameFormat<Chunk, Sentinel extends string = never> {
  readonly shape: Shape
  /** The text that stands alone in a frame and means the end, such as `[DONE]`. */
  readonly sentinel?: Sentinel
  /** Never set; the type of what has the shape. */
  readonly chunk?: Chunk
}

/**
 * Decodes frames into the provider's JSON and checks its shape.
 *
 * Throws a {@link RatatoskrError} with code `protocol` for text that is not JSON and for JSON of
 * the wrong shape. The message tells the event, counted from 1, and the position (where the engine
 * knows it) or the field; never the payload. An `unfinished` frame is taken where it is whole and
 * parses, and dropped otherwise; a `stray` one is taken where it is an error object. Of an array only
 * an error object in it is taken.
 *
 * Nearly every text of a stream repeats the one before but for a few strings and numbers. What is the same is
 * compared, not parsed again, and values share it: they must not be written to.
 *
 * @example
 * ```ts
 * import { JsonDecoder, openaiChat } from 'ratatoskr/dialects'
 *
 * const decoder = new JsonDecoder(openaiChat.frame)
 * decoder.push({ data: '{"choices":[]}' }, (chunk) => void chunk)
 * ```
 */
export class JsonDecoder<Chunk, Sentinel extends string = never> implements Decoder<
  TextFrame,
  Chunk | Sentinel
> {
  readonly #format: FrameFormat<Chunk, Sentinel>
  readonly #misfit: (value: unknown) => string | undefined
  #template: Template | undefined
  #last = ''
  #tries = patience
  #count = 0

  constructor(format: FrameFormat<Chunk, Sentinel>) {
    this.#format = format
    this.#misfit = misfitOf(format.shape)
  }

  push({ data, unfinished, stray }: TextFrame, emit: (value: Chunk | Sentinel) => void): void {
    this.#count += 1
    const { sentinel } = this.#format
    // Shorter than any chunk: nothing is trimmed that is not likely the sentinel.
    if (sentinel && !stray && data.length < 20 && data.trim() === sentinel) return emit(sentinel)
    const isUsual = !stray && data.length < maxLength
    const template = isUsual ? this.#template : undefined
    let value = template && fill(template, data)
    if (value !== undefined && this.#isChunk(value, template)) {
      this.#tries = patience
      this.#last = ''
      return emit(value)
    }
    try {
      value = JSON.parse(data)
    } catch (error) {
      // Some hosts frame their keep-alives as an empty event.
      if (unfinished || stray || !data.trim()) return undefined
      // V8 tells the place; WebKit does not, and others quote the payload instead.
      const [, place] = / at position (\d+)( \(line .*)?$/.exec(String(error)) ?? []
      throw this.#error(` is not JSON${place ? `, at character ${place}` : ''}`)
    }
    // Hosts also wrap their errors into an array.
    if (stray || Array.isArray(value))
      value = [value].flat().find((item) => fieldsOf(item)['error'])
    if (value === undefined) return undefined
    if (!this.#isChunk(value)) throw this.#error(this.#misfit(value))
    if (isUsual && this.#tries > 0) this.#learn(data)
    emit(value)
  }

  end(): void {}

  /** Looks whether two texts in a row make a template, as long as it has been worth the while. */
  #learn(text: string): void {
    const template = templateOf(this.#last, text)
    const isWhole = template && !Array.isArray(template.root) && !this.#misfit(template.root)
    if (isWhole) this.#template = template
    this.#tries -= 1
    this.#last = text
  }

  /** What a template gave has the shape that the template has. */
  #isChunk(value: unknown, template?: Template): value is Chunk {
    return template !== undefined || !this.#misfit(value)
  }

  #error(problem = ''): RatatoskrError {
    return new RatatoskrError('protocol', `The event ${this.#count}${problem}.`)
  }
}

/** So many texts in a row may fit no template before it looks for none. */
const patience = 16
/** A text as long is rare, quickly parsed for its length, and not kept in memory to be compared. */
const maxLength = 16_384
