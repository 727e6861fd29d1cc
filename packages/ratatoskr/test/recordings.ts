import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AwsEventStreamEncoder } from '../src/frames/aws-event-stream-encoder.ts'

/** The folder of recorded replies, which lies beside the checkout and is never copied into it. */
export const recordingsFolder: string = join(import.meta.dirname, '../../../../shared/recordings')

/** Whether the recordings are there; without them their tests say that they were skipped. */
export const hasRecordings: boolean = existsSync(recordingsFolder)

/** What an independent assembler made of a recording. */
export interface Expected {
  content: string
  reasoning: string
  refusal: string | null
  tool_calls: {
    id?: string | null
    name: string
    arguments: string
    arguments_json?: unknown
    /** The arguments are free text. */
    custom?: boolean
  }[]
  usage: {
    prompt_tokens: number | null
    completion_tokens: number | null
    total_tokens: number | null
    reasoning_tokens: number | null
  } | null
  finish_reason: string | null
  /** Google's words also come as numbers. */
  finish_reason_raw: string | number | null
  error: unknown
  extra: Record<string, unknown>
}

/** One recorded reply. */
export interface Recording {
  /** The file's name without its extension. */
  name: string
  provider: string
  bytes: Uint8Array
  expected: Expected
}

/** The recordings of a wire format, hand-written and damaged ones included. */
export function loadRecordings(
  wire: string,
  files: RegExp = /\.(sse|ndjson|chunks\.jsonl)$/,
): Recording[] {
  if (!hasRecordings) return []
  return [join(recordingsFolder, wire), join(recordingsFolder, 'synthetic', wire)].flatMap(
    (folder) => {
      if (!existsSync(folder)) return []
      return readdirSync(folder)
        .filter((file) => files.test(file))
        .toSorted()
        .map((file) => load(folder, file))
    },
  )
}

function load(folder: string, file: string): Recording {
  const name = basename(file).replace(/\.(sse|ndjson|jsonarray|eventstream|chunks\.jsonl)$/, '')
  const read = (extension: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, name + extension), 'utf8')) as Record<string, unknown>
  const provider = String(read('.meta.json')['provider'])
  const raw = readFileSync(join(folder, file))
  const bytes = file.endsWith('.chunks.jsonl')
    ? reframe(raw.toString('utf8'), provider, folder)
    : new Uint8Array(raw)
  return { name, provider, bytes, expected: read('.expected.json') as unknown as Expected }
}

/** Puts the framing back where only the chunks were kept. */
function reframe(chunks: string, provider: string, folder: string): Uint8Array {
  const lines = chunks.split('\n').filter((line) => line.trim() !== '')
  if (basename(folder) === 'bedrock') return amazonFrames(lines)
  const isNamed = /^(anthropic|openai-responses)$/.test(basename(folder))
  const frames = lines.map((line) => {
    const { type } = JSON.parse(line) as { type?: string }
    return `${isNamed ? `event: ${type}\n` : ''}data: ${line}\n\n`
  })
  if (basename(folder) === 'openai-chat' && !['perplexity', 'cerebras'].includes(provider))
    frames.push('data: [DONE]\n\n')
  return new TextEncoder().encode(frames.join(''))
}

/** Each JSON text as a message of Amazon's. */
export function amazonFrames(messages: readonly string[]): Uint8Array {
  const encoder = new AwsEventStreamEncoder()
  const pieces: Uint8Array[] = []
  for (const data of messages) encoder.push({ data }, (bytes) => pieces.push(bytes))
  return new Uint8Array(Buffer.concat(pieces))
}
