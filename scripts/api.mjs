// The public surface of every package, entry by entry, in packages/*/api: made from the built declarations by API Extractor, so
// that each change of it shows in review.
//
//   node scripts/api.mjs            fails where a report is not what the declarations say
//   node scripts/api.mjs --write    renews them
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { publicPackages, root } from './aliases.mjs'

/**
 * Entries whose report declares also what they do not export. In the others only names stand for it, so that a change of what
 * all share shows once.
 */
const whole = new Set([
  'ratatoskr',
  'ratatoskr/streams',
  'ratatoskr/dialects',
  'ratatoskr/openai-compatible',
  '@ratatoskr/testkit',
])

const isWriting = process.argv.includes('--write')
const temporary = mkdtempSync(join(tmpdir(), 'ratatoskr-api-'))
/** @type {string[]} */
const problems = []
let count = 0
let declared = ''
/** From a type that an entry does not export to that entry. @type {Map<string, string>} */
const notExported = new Map()
try {
  for (const one of publicPackages()) {
    const folder = join(one.directory, 'api')
    mkdirSync(folder, { recursive: true })
    const configs = Object.entries(one.entries).map(([entry, built]) =>
      configOf(one, folder, entry, built.replace(/\.js$/, '.d.ts')),
    )
    // One program for all entries of a package.
    const [first, ...others] = configs
    if (first === undefined) continue
    const compilerState = CompilerState.create(first, {
      additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
    })
    for (const config of configs) {
      const { apiReportChanged } = Extractor.invoke(config, {
        compilerState,
        localBuild: isWriting,
        messageCallback: (message) => {
          message.handled = true
          const [, forgotten] = /^The symbol "(\w+)" needs/.exec(message.text) ?? []
          if (forgotten !== undefined) notExported.set(forgotten, config.reportFilePath)
          if (message.category === 'Compiler')
            problems.push(message.formatMessageWithLocation(root))
        },
      })
      const report = relative(root, config.reportFilePath)
      if (apiReportChanged && isWriting) console.log(`renewed ${report}`)
      if (apiReportChanged && !isWriting) {
        problems.push(`${report} is not what the package exports now`)
      }
      declared += readFileSync(config.reportFilePath, 'utf8')
      count += 1
    }
    const known = configs.map(({ reportFilePath }) => basename(reportFilePath))
    for (const file of readdirSync(folder).filter((name) => !known.includes(name))) {
      if (isWriting) rmSync(join(folder, file))
      else problems.push(`${relative(root, join(folder, file))} is of no entry`)
    }
  }
  for (const [type, report] of notExported) {
    if (new RegExp(`\\b(class|interface|type) ${type}\\b`).test(declared)) continue
    problems.push(
      `${relative(root, report)} names ${type}, which no report declares: export it, or list an entry in \`whole\``,
    )
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
for (const problem of problems) console.error(problem)
if (problems.length > 0 && !isWriting) {
  console.error(
    'The public surface has changed. Where that is meant: npm run build && npm run api -- --write',
  )
}
console.log(`${count} entries, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

/**
 * @param {import('./aliases.mjs').Package} one
 * @param {string} reportFolder
 * @param {string} entry
 * @param {string} declarations Relative to the package.
 */
function configOf({ name, directory }, reportFolder, entry, declarations) {
  const mainEntryPointFilePath = join(directory, declarations)
  if (!existsSync(mainEntryPointFilePath)) {
    throw new Error(`There is no ${mainEntryPointFilePath}. Run npm run build first.`)
  }
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(directory, 'package.json'),
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'nodenext',
            lib: ['es2022', 'dom', 'dom.iterable'],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
            types: ['node'],
          },
          files: [mainEntryPointFilePath],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName:
          entry === name ? 'index' : entry.slice(name.length + 1).replaceAll('/', '.'),
        reportFolder,
        reportTempFolder: temporary,
        includeForgottenExports: whole.has(entry),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'warning', addToApiReportFile: false },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  })
  return config
}
