import type { Browser, Locator, Page } from 'playwright-core'
import { openPage, type OpenedPage, type OpenPageOptions } from './open-page.ts'
import { builtPage, serveFolder, type StaticServer } from './static-server.ts'

/** What the simulated provider is asked to do. */
export interface Simulation {
  script?: string
  pace?: string
  fault?: string
  dialect?: string
}

/** The page that is tested: as it was built, or another one. */
export function servePlayground(path?: string): Promise<StaticServer> {
  const folder = process.env['RATATOSKR_PAGE'] ?? builtPage
  return serveFolder(folder, path === undefined ? {} : { path })
}

/** The playground in a real browser, as a person uses it. */
export class Playground {
  readonly page: Page
  readonly opened: OpenedPage

  private constructor(opened: OpenedPage) {
    this.opened = opened
    this.page = opened.page
  }

  static async open(
    browser: Browser,
    server: { readonly url: string },
    options?: OpenPageOptions,
  ): Promise<Playground> {
    const playground = new Playground(await openPage(browser, server.url, options))
    await playground.prompt.waitFor()
    return playground
  }

  get prompt(): Locator {
    return this.page.getByRole('textbox', { name: 'Prompt', exact: true })
  }

  /** The last reply. */
  get reply(): Locator {
    return this.page.getByRole('article', { name: 'Reply' }).last()
  }

  get status(): Locator {
    return this.page.getByRole('status')
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  pane(name: string): Locator {
    return this.page.getByRole('listbox', { name, exact: true })
  }

  /** Goes to a part of the page, where a narrow one shows one at a time. */
  async show(part: 'Chat' | 'Chain' | 'Settings'): Promise<void> {
    const tab = this.page.getByRole('navigation').getByRole('button', { name: part })
    if (await tab.isVisible()) await tab.click()
  }

  /** Sets what the simulated provider does; at once, if nothing else is said. */
  async simulate({ script, pace = 'instant', fault, dialect }: Simulation): Promise<void> {
    await this.show('Settings')
    await this.page.selectOption('#connection', 'simulated')
    for (const [id, value] of Object.entries({ script, pace, fault, dialect })) {
      if (value !== undefined) await this.page.selectOption(`#${id}`, value)
    }
    await this.show('Chat')
  }

  /** Asks a server of one's own, or the provider of a name at another address. */
  async connect(
    connection: string,
    { baseURL, key, model }: { baseURL?: string; key?: string; model?: string },
  ): Promise<void> {
    await this.show('Settings')
    await this.page.selectOption('#connection', connection)
    if (baseURL !== undefined) await this.page.fill('#base-url', baseURL)
    if (key !== undefined) await this.page.fill('#key', key)
    if (model !== undefined) await this.page.fill('#model', model)
    await this.show('Chat')
  }

  async send(text: string): Promise<void> {
    await this.prompt.fill(text)
    await this.begin(() => this.prompt.press('Enter'))
  }

  /** Does something with which a reply begins, and waits until that is the last one. */
  async begin(act: () => Promise<void>): Promise<void> {
    const before = await this.page.getByRole('article').count()
    await act()
    await this.page.getByRole('article').nth(before).waitFor()
  }

  /** Waits until the last reply has come to a state. */
  async until(state: 'streaming' | 'complete' | 'stopped' | 'failed'): Promise<void> {
    await this.page.waitForFunction((wanted) => {
      const last = [...document.querySelectorAll('article')].at(-1)
      return last?.dataset['state'] === wanted
    }, state)
  }

  /** The rows of a pane that are in the page. */
  rows(pane: string): Promise<string[]> {
    return this.pane(pane).getByRole('option').allTextContents()
  }

  /** What went wrong in the page; nothing, when it works. */
  get problems(): string[] {
    return this.opened.problems.all()
  }

  close(): Promise<void> {
    return this.opened.close()
  }
}
