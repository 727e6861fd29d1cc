// Enforces the order of the layers in a package's src: a file imports only from its own layer and those
// before it, files do not import each other in a circle, and from outside comes what is named here alone.
// Types count as much as values. Tests are free. Prints a remark for long files.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseSync, Visitor } from 'vite'
import { root } from './aliases.mjs'

/**
 * Earlier may not import later. A name with a slash is a folder; `rest` is the layer of other files at the top of src.
 * @typedef {object} Rules
 * @property {{ name: string, members: string[], pure: boolean }[]} layers
 * @property {string} rest
 * @property {ReadonlySet<string>} externals
 */

/** Of packages/ratatoskr. */
export const layers = [
  {
    name: 'vocabulary',
    members: ['event.ts', 'message.ts', 'model.ts', 'options.ts', 'response.ts', 'errors.ts'],
    pure: true,
  },
  { name: 'decoder', members: ['decoder.ts'], pure: true },
  { name: 'frames', members: ['frames/'], pure: true },
  { name: 'json', members: ['json/'], pure: true },
  { name: 'dialects', members: ['dialects/'], pure: true },
  { name: 'provider', members: ['provider.ts'], pure: false },
  { name: 'streams', members: ['streams/'], pure: false },
  { name: 'transport', members: ['transport/'], pure: false },
  { name: 'providers', members: ['providers/'], pure: false },
  { name: 'gateway', members: [], pure: false },
  { name: 'index', members: ['index.ts'], pure: false },
]

/**
 * By package.
 * @type {{ readonly ratatoskr: Rules, readonly relay: Rules }}
 */
export const rules = {
  // aws4fetch signs for Amazon, in the one file that does.
  ratatoskr: { layers, rest: 'gateway', externals: new Set(['valibot', 'aws4fetch']) },
  relay: {
    layers: [
      { name: 'vocabulary', members: ['caller.ts', 'refusal.ts'], pure: false },
      { name: 'wire', members: ['wire/'], pure: false },
      // Before all that is the server's: a page must not pay for it.
      { name: 'client', members: ['client/'], pure: false },
      { name: 'chat', members: ['chat/'], pure: false },
      { name: 'server', members: ['server/'], pure: false },
      { name: 'v1', members: ['v1/'], pure: false },
      { name: 'ui', members: ['ui/'], pure: false },
      { name: 'relay', members: [], pure: false },
      { name: 'cloudflare', members: ['cloudflare/'], pure: false },
      { name: 'index', members: ['index.ts'], pure: false },
    ],
    rest: 'relay',
    externals: new Set([
      'valibot',
      'ratatoskr',
      'ratatoskr/dialects',
      // One by one, for bundlers that keep a namespace whole.
      'ratatoskr/dialects/anthropic',
      'ratatoskr/dialects/openai-chat',
      'ratatoskr/dialects/openai-responses',
      'ratatoskr/streams',
      '@microsoft/fetch-event-source',
    ]),
  },
}
const longFile = 300

/**
 * @param {Map<string, string>} files From the path below src, with forward slashes, to the text.
 * @param {Rules} [given] Default: those of packages/ratatoskr.
 * @returns {{ problems: string[], remarks: string[] }}
 */
export function checkLayers(files, given = rules.ratatoskr) {
  /** @type {string[]} */
  const problems = []
  /** @type {string[]} */
  const remarks = []
  /** @type {Map<string, string[]>} */
  const graph = new Map()

  for (const [file, text] of files) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    if (lines > longFile)
      remarks.push(`${file} has ${lines} lines: does it do more than one thing?`)
    const rank = rankOf(file, given)
    if (rank === -1) {
      problems.push(`${file} lies in no known layer: name its folder in scripts/layers.mjs`)
      continue
    }
    /** @type {string[]} */
    const inside = []
    for (const specifier of importsOf(file, text)) {
      if (!specifier.startsWith('.')) {
        if (!given.externals.has(specifier))
          problems.push(`${file} imports ${specifier} from outside the package`)
        continue
      }
      const target = posix.join(posix.dirname(file), specifier)
      if (!files.has(target)) {
        problems.push(`${file} imports ${specifier}, which is no source file`)
        continue
      }
      inside.push(target)
      const targetRank = rankOf(target, given)
      if (targetRank > rank) {
        problems.push(
          `${file} (${given.layers[rank]?.name}) imports ${target} (${given.layers[targetRank]?.name}), a later layer`,
        )
      }
    }
    graph.set(file, inside)
  }
  for (const cycle of cyclesOf(graph)) problems.push(`${cycle.join(' → ')} is a circle of imports`)
  return { problems, remarks }
}

/**
 * @param {string} file
 * @param {Rules} given
 */
function rankOf(file, given) {
  const slash = file.indexOf('/')
  const member = slash === -1 ? file : file.slice(0, slash + 1)
  const rank = given.layers.findIndex(({ members }) => members.includes(member))
  return rank === -1 && slash === -1
    ? given.layers.findIndex(({ name }) => name === given.rest)
    : rank
}

/**
 * @param {string} file
 * @param {string} text
 */
function importsOf(file, text) {
  /** @type {Set<string>} */
  const specifiers = new Set()
  /** @param {{ source?: unknown }} node */
  const add = ({ source }) => {
    if (typeof source !== 'object' || source === null || !('value' in source)) return
    if (typeof source.value === 'string') specifiers.add(source.value)
  }
  const { program, errors } = parseSync(file, text)
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`)
  new Visitor({
    ImportDeclaration: add,
    ExportAllDeclaration: add,
    ExportNamedDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
  }).visit(program)
  return specifiers
}

/**
 * @param {Map<string, string[]>} graph
 * @returns {string[][]} Each circle once, its first file repeated at the end.
 */
function cyclesOf(graph) {
  /** @type {string[][]} */
  const cycles = []
  /** @type {Set<string>} */
  const finished = new Set()
  /** @type {string[]} */
  const trail = []
  /** @param {string} file */
  const visit = (file) => {
    const start = trail.indexOf(file)
    if (start !== -1) {
      cycles.push([...trail.slice(start), file])
      return
    }
    if (finished.has(file)) return
    trail.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    trail.pop()
    finished.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return cycles
}

/**
 * The library's own sources, without tests and declarations of globals.
 * @param {string} src
 * @returns {Map<string, string>}
 */
function readSources(src) {
  const names = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(sep, '/'))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'))
    .toSorted()
  return new Map(names.map((name) => [name, readFileSync(join(src, name), 'utf8')]))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, own] of Object.entries(rules)) {
    const files = readSources(join(root, 'packages', name, 'src'))
    const { problems, remarks } = checkLayers(files, own)
    for (const remark of remarks) console.log(`remark: ${name}: ${remark}`)
    for (const problem of problems) console.error(`error: ${name}: ${problem}`)
    console.log(
      `${name}: ${files.size} files in ${own.layers.length} layers, ${problems.length} problems`,
    )
    if (problems.length > 0 || files.size === 0) process.exitCode = 1
  }
}
