// The public surface of every package, entry by entry, in packages/*/api: made from the built declarations by API Extractor, so
// that each change of it shows in review.
//
//   node scripts/api.mjs            fails where a report is not what the declarations say
//   node scripts/api.mjs --write    renews them
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  ExtractorMessageCategory,
} from '@microsoft/api-extractor'
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
  '@ratatoskr/relay',
  '@ratatoskr/relay/client',
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
    const reports = Object.entries(one.entries).map(([entry, built]) => {
      const name =
        entry === one.name ? 'index' : entry.slice(one.name.length + 1).replaceAll('/', '.')
      const config = configOf(one, folder, name, built.replace(/\.js$/, '.d.ts'), whole.has(entry))
      return { path: join(folder, `${name}.api.md`), config }
    })
    // One program for all entries of a package.
    const [first, ...others] = reports
    if (first === undefined) continue
    const compilerState = CompilerState.create(first.config, {
      additionalEntryPoints: others.map(({ config }) => config.mainEntryPointFilePath),
    })
    for (const { path, config } of reports) {
      const report = relative(root, path)
      const { apiReportChanged } = Extractor.invoke(config, {
        compilerState,
        localBuild: isWriting,
        messageCallback: (message) => {
          message.handled = true
          const [, forgotten] = /^The symbol "(\w+)" needs/.exec(message.text) ?? []
          if (forgotten !== undefined) notExported.set(forgotten, report)
          if (message.category === ExtractorMessageCategory.Compiler)
            problems.push(message.formatMessageWithLocation(root))
        },
      })
      if (apiReportChanged && isWriting) console.log(`renewed ${report}`)
      if (apiReportChanged && !isWriting) {
        problems.push(`${report} is not what the package exports now`)
      }
      if (existsSync(path)) declared += readFileSync(path, 'utf8')
      count += 1
    }
    const known = new Set(reports.map(({ path }) => path))
    const there = readdirSync(folder).map((name) => join(folder, name))
    for (const path of there.filter((file) => !known.has(file))) {
      if (isWriting) rmSync(path)
      else problems.push(`${relative(root, path)} is of no entry`)
    }
  }
  for (const [type, report] of notExported) {
    if (new RegExp(`\\b(class|interface|type) ${type}\\b`).test(declared)) continue
    problems.push(
      `${report} names ${type}, which no report declares: export it, or list an entry in \`whole\``,
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
 * @param {string} reportFileName
 * @param {string} declarations Relative to the package.
 * @param {boolean} isWhole
 */
function configOf({ directory }, reportFolder, reportFileName, declarations, isWhole) {
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
        reportFileName,
        reportFolder,
        reportTempFolder: temporary,
        includeForgottenExports: isWhole,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: false },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
  return config
}
