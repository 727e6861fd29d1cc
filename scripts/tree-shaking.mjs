// What is not imported is not bundled, entry by entry, out of the built packages: an entry that is imported for nothing
// leaves nothing, in esbuild and in Vite; one name of it brings its own module and what that imports, no other;
// and one provider brings the address of no other.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { build as buildByVite } from 'vite'
import { publicPackages, root } from './aliases.mjs'

/** @type {string[]} */
const problems = []
let names = 0

for (const { directory, entries } of publicPackages()) {
  for (const [entry, built] of Object.entries(entries)) {
    for (const [bundler, bundle] of Object.entries({ esbuild: byEsbuild, vite: byVite })) {
      const { code } = await bundle(`import '${entry}'`)
      if (code !== '') problems.push(`import '${entry}' leaves ${code.length} bytes in ${bundler}`)
    }
    /** @type {Record<string, unknown>} */
    const exported = await import(entry)
    names += Object.keys(exported).length
    for (const name of Object.keys(exported)) {
      const code = `export { ${name} } from '${entry}'`
      const { inputs, graph } = await byEsbuild(code)
      const own = reachable(definedIn(join(directory, built), name), graph)
      // esbuild counts a line break as the entry's.
      own.add(join(directory, built))
      for (const input of inputs.filter((path) => !own.has(path))) {
        problems.push(`${code} brings ${input}, which it does not need`)
      }
    }
  }
}

// Within one module the bundlers shake functions: each provider is asked for the addresses of the others.
const entry = 'ratatoskr/openai-compatible'
/** @type {Record<string, unknown>} */
const providers = await import(entry)
/** @type {Map<string, Map<string, Set<string>>>} By bundler, and name. */
const addresses = new Map()
for (const [bundler, bundle] of Object.entries({ esbuild: byEsbuild, vite: byVite })) {
  /** @type {Map<string, Set<string>>} */
  const byName = new Map()
  for (const name of Object.keys(providers)) {
    const { code } = await bundle(`export { ${name} } from '${entry}'`)
    byName.set(name, new Set(code.match(/https?:\/\/[\w.:/-]+/g)))
  }
  addresses.set(bundler, byName)
}
for (const [bundler, byName] of addresses) {
  for (const [name, found] of byName) {
    if (found.size > 1)
      problems.push(`${name} of ${entry} brings ${[...found].join(', ')} in ${bundler}`)
  }
  // Were the addresses written in another way, the check above would find nothing.
  const all = new Set([...byName.values()].flatMap((found) => [...found]))
  if (all.size < Object.keys(providers).length / 2) {
    problems.push(`only ${all.size} addresses were found in ${entry}, bundled by ${bundler}`)
  }
}

for (const problem of problems) console.error(problem)
console.log(`${names} names, each without the others; ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

/**
 * @param {string} code
 * @returns {Promise<{ code: string, inputs: string[], graph: import('esbuild').Metafile['inputs'] }>} `inputs` are the files of which something is left.
 */
async function byEsbuild(code) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root },
    absWorkingDir: root,
    // Not the workspace's `paths`, which lead to the sources.
    tsconfigRaw: {},
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'es2022',
    logLevel: 'error',
    logOverride: { 'ignored-bare-import': 'silent' },
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 && path !== '<stdin>' ? [join(root, path)] : [],
    ),
  )
  return { code: (outputFiles[0]?.text ?? '').trim(), inputs, graph: metafile.inputs }
}

/** @param {string} code */
async function byVite(code) {
  const input = 'asked'
  const id = join(root, 'asked.js')
  const built = await buildByVite({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'asked',
        resolveId: (source) => (source === input ? id : undefined),
        load: (path) => (path === id ? code : undefined),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input, external: /^node:/, preserveEntrySignatures: 'strict' },
    },
  })
  if (!('output' in built)) throw new Error('Vite has built several bundles, or watches')
  const chunks = built.output.flatMap((chunk) => (chunk.type === 'chunk' ? [chunk] : []))
  return { code: chunks.map((chunk) => chunk.code.replace(/^export \{\};?\s*$/, '')).join('') }
}

/**
 * The module that a name comes from: where an entry hands it on, the one from which it does.
 * @param {string} file
 * @param {string} name
 * @returns {string}
 */
function definedIn(file, name) {
  const text = readFileSync(file, 'utf8')
  for (const [, list = '', from = ''] of text.matchAll(
    /^export (\{[^}]*\}|\* as \w+) from '(\.[^']*)'/gm,
  )) {
    const next = join(dirname(file), from)
    if (list === `* as ${name}`) return next
    for (const [, inner = '', outer = inner] of list.matchAll(/(\w+)(?: as (\w+))?/g)) {
      if (outer === name) return definedIn(next, inner)
    }
  }
  // Imported first, and then exported.
  for (const [, from = ''] of text.matchAll(
    new RegExp(`^import \\* as ${name} from '(\\.[^']*)'`, 'gm'),
  )) {
    return join(dirname(file), from)
  }
  return file
}

/**
 * A module and all that it imports, and those, and so on.
 * @param {string} file
 * @param {import('esbuild').Metafile['inputs']} graph
 */
function reachable(file, graph) {
  const found = new Set([file])
  for (const path of found) {
    for (const { path: next, external } of graph[path.slice(root.length)]?.imports ?? []) {
      if (external !== true) found.add(join(root, next))
    }
  }
  return found
}
