import { getDotPath, safeParse, type GenericSchema, type InferOutput } from 'valibot'
import type { Decoder } from '../decoder.ts'
import { RatatoskrError } from '../errors.ts'
import type { TextFrame } from '../frames/text-frame.ts'
import { isRecord, predicate, type PlainSchema } from './predicate.ts'
import { findSyntaxError } from './syntax-error.ts'

/** What stands in a dialect's frames: JSON of a shape, and the one word that is not JSON. */
export interface FrameFormat<Chunk, Sentinel extends string = never> {
  /** The text that stands alone in a frame and means the end, such as `[DONE]`. */
  readonly sentinel?: Sentinel
  /** Decides quickly. */
  readonly is: (value: unknown) => value is Chunk
  /** Tells which field is wrong, and how, without its value. */
  readonly explain: (value: unknown) => string
}

/** Makes a {@link FrameFormat} of a valibot schema. */
export function frameFormat<
  Schema extends PlainSchema & GenericSchema,
  Sentinel extends string = never,
>(schema: Schema, sentinel?: Sentinel): FrameFormat<InferOutput<Schema>, Sentinel> {
  const is = predicate(schema)
  const explain = (value: unknown): string => {
    const issue = safeParse(schema, value).issues?.[0]
    if (issue === undefined) return 'has an unexpected shape'
    const received =
      issue.input === null ? 'null' : Array.isArray(issue.input) ? 'array' : typeof issue.input
    return `has ${received} where ${issue.expected ?? 'something else'} belongs, in ${getDotPath(issue) ?? 'the whole value'}`
  }
  return sentinel === undefined ? { is, explain } : { is, explain, sentinel }
}

/**
 * Decodes frames into the provider's JSON and checks its shape.
 *
 * Throws a {@link RatatoskrError} with code `protocol` for text that is not JSON and for JSON of
 * the wrong shape. The message tells the frame, the position and the field; never the payload.
 * An `unfinished` frame is taken where it is whole and parses, and dropped otherwise; a `stray`
 * one is taken where it is an error object.
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
  #count = 0

  constructor(format: FrameFormat<Chunk, Sentinel>) {
    this.#format = format
  }

  push(frame: TextFrame, emit: (value: Chunk | Sentinel) => void): void {
    this.#count += 1
    const { data } = frame
    const { sentinel } = this.#format
    if (sentinel !== undefined && data.length <= sentinel.length + 8 && data.trim() === sentinel) {
      emit(sentinel)
      return
    }
    let value: unknown
    try {
      value = JSON.parse(data)
    } catch {
      // Some hosts frame their keep-alives as an empty event.
      if (frame.unfinished || frame.stray || data.trim() === '') return
      throw this.#error(`is not JSON, at character ${findSyntaxError(data)}`)
    }
    if (frame.stray && !holdsError(value)) return
    if (!this.#format.is(value)) throw this.#error(this.#format.explain(value))
    emit(value)
  }

  end(): void {}

  #error(problem: string): RatatoskrError {
    return new RatatoskrError(
      'protocol',
      `Cannot read the reply: its event ${this.#count} ${problem}. ` +
        'The server does not speak the expected format, or something between changed it.',
    )
  }
}

function holdsError(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsError) : isRecord(value) && 'error' in value
}
