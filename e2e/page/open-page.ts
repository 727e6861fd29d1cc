import type { Browser, BrowserContext, Page } from 'playwright-core'

/** What {@link openPage} may be told. */
export interface OpenPageOptions {
  /** Default: 1280 × 800. */
  readonly viewport?: { readonly width: number; readonly height: number }
  /** Default: `light`. */
  readonly colorScheme?: 'light' | 'dark'
  /** Default: `no-preference`. */
  readonly reducedMotion?: 'reduce' | 'no-preference'
  /** Default: `none`. */
  readonly forcedColors?: 'active' | 'none'
  /** Such as `clipboard-read`, `clipboard-write`. Default: none. */
  readonly permissions?: readonly string[]
  /** A screen that is touched. Default: false. */
  readonly hasTouch?: boolean
}

/** What went wrong in a page, as lines to read. A page that works leaves all lists empty. */
export interface Problems {
  /** Errors and warnings of its console. */
  readonly console: readonly string[]
  /** Exceptions that nobody caught, and promises that rejected unhandled. */
  readonly uncaught: readonly string[]
  /** Also those that the page gave up: `POST http://… net::ERR_ABORTED`. */
  readonly failedRequests: readonly string[]
  /** What its content security policy forbade, in this page and its frames. */
  readonly cspViolations: readonly string[]
  /** All of them, each with its kind. */
  all(): string[]
}

/** A page in a profile of its own. */
export interface OpenedPage {
  readonly page: Page
  readonly context: BrowserContext
  readonly problems: Problems
  /** Closes the page, and forgets its profile. */
  close(): Promise<void>
}

const binding = '__ratatoskrViolation'

/** Opens an address in a new profile: nothing is stored, nothing cached. */
export async function openPage(
  browser: Browser,
  url: string,
  options: OpenPageOptions = {},
): Promise<OpenedPage> {
  const { viewport = { width: 1280, height: 800 }, permissions = [], ...media } = options
  const context = await browser.newContext({ viewport, permissions: [...permissions], ...media })
  try {
    const found = {
      console: new Array<string>(),
      uncaught: new Array<string>(),
      failedRequests: new Array<string>(),
      cspViolations: new Array<string>(),
    }
    await context.exposeFunction(binding, (line: string) => found.cspViolations.push(line))
    await context.addInitScript((name) => {
      const globals = globalThis as unknown as { [name: string]: (line: string) => void }
      const tell = globals[name]
      addEventListener('securitypolicyviolation', (event) => {
        const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event
        const place = sourceFile ? ` at ${sourceFile}:${lineNumber}` : ''
        tell?.(`${effectiveDirective}: ${blockedURI}${place}`)
      })
    }, binding)
    const page = await context.newPage()
    page.on('console', (message) => {
      const type = message.type()
      if (type !== 'error' && type !== 'warning') return
      const { url: place, lineNumber } = message.location()
      found.console.push(`${type}: ${message.text()} (${place}:${lineNumber})`)
    })
    page.on('pageerror', (error) => found.uncaught.push(error.stack ?? String(error)))
    page.on('crash', () => found.uncaught.push('The page crashed.'))
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? 'failed'
      found.failedRequests.push(`${request.method()} ${request.url()} ${why}`)
    })
    await page.goto(url)
    const all = (): string[] =>
      Object.entries(found).flatMap(([kind, lines]) => lines.map((line) => `${kind}: ${line}`))
    return { page, context, problems: { ...found, all }, close: () => context.close() }
  } catch (error) {
    await context.close()
    throw error
  }
}
