import * as fc from 'fast-check'
import type { Framing } from './reply-parts.ts'
import { joinBytes, splitBody, stringify } from './split-body.ts'

/** One change of a body. Its numbers are taken modulo what there is. */
export type Mutation =
  | { kind: 'flip'; at: number; bits: number }
  | { kind: 'delete' | 'duplicate'; at: number; length: number }
  | { kind: 'insert'; at: number; bytes: Uint8Array }
  /** From here on, another body from there on. */
  | { kind: 'splice'; at: number; other: number; from: number }
  /** The same of whole frames. */
  | { kind: 'drop frame' | 'repeat frame'; at: number; other: number }
  | { kind: 'replace' | 'add key' | 'repeat key'; frame: number; node: number; value: string }
  | { kind: 'drop'; frame: number; node: number }

const deep = (open: string, close: string, levels: number): string =>
  open.repeat(levels) + close.repeat(levels)

/** JSON that stands where something else is meant. */
export const hostileJson: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e308',
  '1e999',
  '9007199254740993',
  '""',
  '" "',
  '"x"',
  '"0"',
  '"-"',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"constructor"',
  '"{"',
  '"{}"',
  '"[DONE]"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[{}]',
  '[""]',
  '{"":0}',
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '{"length":4294967296}',
  `"${'x'.repeat(5000)}"`,
  deep('[', ']', 20_000),
  deep('{"a":', '}', 20_000).replace('}', '0}'),
]

const hostileKeys = [
  '__proto__',
  'constructor',
  'toString',
  'then',
  'toJSON',
  'length',
  '',
  'error',
  'type',
  'index',
  'id',
  'text',
  'name',
  'x',
]

const hostileBytes = [
  [0],
  [0xff],
  [0xef, 0xbb, 0xbf],
  [0xf0, 0x9f],
  [0x0a],
  [0x0d],
  [0x0a, 0x0a],
  [0x22],
  [0x5c],
  [0x7b],
  [0x7d],
  [0x5d],
  Array.from(Buffer.from('data: [DONE]\n\n')),
  Array.from(Buffer.from('\n\ndata: {}\n\n')),
  Array.from(Buffer.from('\nid: 1\nretry: x\nevent: error\n')),
  Array.from(Buffer.from('{"error":{"message":"no"}}\n')),
  Array.from({ length: 2000 }, () => 0x20),
].map((bytes) => Uint8Array.from(bytes))

const number = fc.nat(2 ** 31 - 1)
const anyHostile = fc.constantFrom(...hostileJson)

/** Any change of a body. */
export const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: number,
    bits: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({
    kind: fc.constantFrom('delete' as const, 'duplicate' as const),
    at: number,
    length: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 400 })),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: number,
    bytes: fc.constantFrom(...hostileBytes),
  }),
  fc.record({ kind: fc.constant('splice' as const), at: number, other: number, from: number }),
  fc.record({
    kind: fc.constantFrom('drop frame' as const, 'repeat frame' as const),
    at: number,
    other: number,
  }),
  anyJsonMutation(),
)

/** Any change of the JSON of a body. */
export function anyJsonMutation(): fc.Arbitrary<Mutation> {
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('replace' as const, 'add key' as const, 'repeat key' as const),
        frame: number,
        node: number,
        value: anyHostile,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('drop' as const), frame: number, node: number }),
    },
  )
}

/** A body with changes. */
export function mutate(
  framing: Framing,
  bodies: readonly Uint8Array[],
  body: Uint8Array,
  mutations: readonly Mutation[],
): Uint8Array {
  let bytes = body
  for (const mutation of mutations) bytes = mutateOnce(framing, bodies, bytes, mutation)
  return bytes
}

function mutateOnce(
  framing: Framing,
  bodies: readonly Uint8Array[],
  bytes: Uint8Array,
  mutation: Mutation,
): Uint8Array {
  if (bytes.length === 0) return bytes
  switch (mutation.kind) {
    case 'flip': {
      const changed = Uint8Array.from(bytes)
      const at = mutation.at % bytes.length
      changed[at] = (changed[at] ?? 0) ^ mutation.bits
      return changed
    }
    case 'delete': {
      const at = mutation.at % bytes.length
      return joinBytes(bytes.subarray(0, at), bytes.subarray(at + mutation.length))
    }
    case 'duplicate': {
      const at = mutation.at % bytes.length
      return joinBytes(bytes.subarray(0, at + mutation.length), bytes.subarray(at))
    }
    case 'insert': {
      const at = mutation.at % bytes.length
      return joinBytes(bytes.subarray(0, at), mutation.bytes, bytes.subarray(at))
    }
    case 'splice': {
      const other = bodies[mutation.other % bodies.length] ?? bytes
      const at = mutation.at % bytes.length
      return joinBytes(bytes.subarray(0, at), other.subarray(mutation.from % other.length))
    }
    default: {
      const frames = splitBody(framing, bytes)
      if (!frames || frames.texts.length === 0) return bytes
      const { texts } = frames
      if ('at' in mutation) {
        const at = mutation.at % texts.length
        const from = mutation.other % texts.length
        const moved = mutation.kind === 'drop frame' ? [] : [texts[from] ?? '', texts[at] ?? '']
        return frames.join(texts.toSpliced(at, 1, ...moved))
      }
      const at = mutation.frame % texts.length
      return frames.join(texts.with(at, mutateJson(texts[at] ?? '', mutation)))
    }
  }
}

/** JSON text with a change; as it was where it is none. */
export function mutateJson(text: string, mutation: Mutation): string {
  if (!('node' in mutation)) return text
  const { kind, node } = mutation
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return text
  }
  if (root === null || typeof root !== 'object') return text
  const places = placesIn({ root })
  const place = places[node % places.length]
  if (!place) return text
  const { parent, key } = place
  const hostile = 'value' in mutation ? mutation.value : ''
  if (kind === 'drop') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else delete parent[key]
    return write(root, '')
  }
  const old = (parent as { [key: string]: unknown })[key]
  if (kind === 'replace') {
    set(parent, key, mark)
    return place.isRoot ? hostile : write(root, hostile)
  }
  if (old === null || typeof old !== 'object' || Array.isArray(old)) return text
  const added = kind === 'add key' ? hostileKeys[node % hostileKeys.length] : Object.keys(old).at(0)
  // As text, for no value has a key twice, or one that is `__proto__`.
  set(old, mark, mark)
  return write(root, hostile, JSON.stringify(added ?? 'x'))
}

/** Stands where text that is no JSON of ours will be. */
const mark = '\u0001'

/** JSON text, with other text where the mark is: its value, or with a key its field. */
function write(root: unknown, hostile: string, key?: string): string {
  const marked = JSON.stringify(mark)
  return key === undefined
    ? stringify(root).replace(marked, () => hostile)
    : stringify(root).replace(`${marked}:${marked}`, () => `${key}:${hostile}`)
}

function set(parent: object, key: string, value: unknown): void {
  Object.defineProperty(parent, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

interface Place {
  parent: { [key: string]: unknown } | unknown[]
  key: string
  isRoot: boolean
}

/** Every value within a value, not too deep. */
function placesIn(holder: { root: unknown }): Place[] {
  const places: Place[] = []
  const waiting: { value: { [key: string]: unknown } | unknown[]; depth: number }[] = [
    { value: holder, depth: 0 },
  ]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value: parent, depth } = next
    if (depth > 30) continue
    for (const [key, inner] of Object.entries(parent)) {
      places.push({ parent, key, isRoot: depth === 0 })
      if (typeof inner === 'object' && inner !== null) {
        waiting.push({ value: inner as { [key: string]: unknown }, depth: depth + 1 })
      }
    }
  }
  return places
}
