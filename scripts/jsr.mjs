// What JSR is told of each public package: packages/*/jsr.json, made of its package.json. JSR takes the sources, so this
// tries a publication, without a network: its rules (no slow types, no imports that it cannot follow) hold before anyone publishes.
//
//   node scripts/jsr.mjs            fails where a jsr.json is not what package.json says
//   node scripts/jsr.mjs --write    writes them
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages } from './aliases.mjs'
import { run } from './run.mjs'

/**
 * @typedef {object} Manifest
 * @property {string} version
 * @property {string} license
 * @property {Record<string, string>} [dependencies]
 */

const packages = publicPackages()
const own = new Set(packages.map(({ name }) => name))
const renew = 'npm run jsr -- --write'

process.env['NO_COLOR'] = '1'
/** @type {string[]} */
const problems = []
for (const one of packages) {
  const path = join(one.directory, 'jsr.json')
  const config = JSON.stringify(configOf(one), null, 2)
  if (process.argv.includes('--write')) writeFileSync(path, `${config}\n`)
  else if (
    !existsSync(path) ||
    JSON.stringify(JSON.parse(readFileSync(path, 'utf8')), null, 2) !== config
  ) {
    problems.push(`${one.name}: jsr.json is not what package.json says. Renew it: ${renew}`)
  }
}
for (const one of problems.length === 0 ? packages : []) {
  const failed = await dryRun(one)
  if (failed !== undefined) problems.push(failed)
}
for (const problem of problems) console.error(problem)
if (problems.length === 0) console.log(`${packages.length} packages could be published`)
process.exitCode = problems.length === 0 ? 0 : 1

/** @param {import('./aliases.mjs').Package} one */
function configOf({ name, directory, entries }) {
  /** @type {Manifest} */
  const {
    version,
    license,
    dependencies = {},
  } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const exported = Object.entries(entries).map(([entry, built]) => [
    `.${entry.slice(name.length)}`,
    built.replace(/^\.\/dist\//, './src/').replace(/\.js$/, '.ts'),
  ])
  const imports = Object.entries(dependencies).map(([needed, range]) => [
    needed,
    own.has(needed) ? `jsr:${jsrName(needed)}@${range}` : `npm:${needed}@${range}`,
  ])
  return {
    name: jsrName(name),
    version,
    license,
    exports: Object.fromEntries(exported),
    imports: Object.fromEntries(imports),
    // Without any, Deno takes those of tsconfig.json, which know nothing of Deno and ask for more than JSR does.
    compilerOptions: { strict: true },
    publish: {
      include: ['src/**/*.ts', 'README.md', 'LICENSE'],
      exclude: ['src/**/*.test.ts'],
    },
  }
}

/**
 * Every name has a scope there.
 * @param {string} name
 */
function jsrName(name) {
  return name.startsWith('@') ? name : `@${name}/${name}`
}

/**
 * @param {import('./aliases.mjs').Package} one
 * @returns {Promise<string | undefined>} what is wrong
 */
async function dryRun({ name, directory }) {
  const { ok, output } = await run(['deno', 'publish', '--dry-run', '--allow-dirty'], {
    cwd: directory,
  })
  // It ends well, too, where it finds nothing to publish.
  const isAll = output.includes(`Simulating publish of ${jsrName(name)}@`)
  return ok && isAll ? undefined : `${name}: deno publish --dry-run --allow-dirty\n${output}`
}
