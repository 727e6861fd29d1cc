import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Observable } from '../observable.ts'
import type { Page } from '../page.ts'
import type { ConversationView } from './conversation-view.ts'
import type { PromptComposer } from './prompt-composer.ts'
import { PageElement } from './page-element.ts'
import type { TapeMenu } from './tape-menu.ts'
import { applyTheme, nextTheme, storedTheme, themeLabels, type Theme } from '../theme.ts'

/** The parts of the page between which a narrow screen switches. */
type View = 'chat' | 'chain' | 'settings'

const views: readonly { id: View; label: string }[] = [
  { id: 'chat', label: 'Chat' },
  { id: 'chain', label: 'Chain' },
  { id: 'settings', label: 'Settings' },
]

/** A prompt that shows something, and the script with which the simulated provider answers it. */
interface Suggestion {
  prompt: string
  script: string
  about: string
  tools?: readonly string[]
}

const suggestions: readonly Suggestion[] = [
  { prompt: 'Tell me the story of the squirrel.', script: 'prose', about: 'Prose' },
  { prompt: 'How do I count the words of a text?', script: 'code', about: 'Code and a table' },
  { prompt: 'How many legs have five squirrels?', script: 'reasoning', about: 'Reasoning first' },
  {
    prompt: 'What are the weather and the time in Oslo?',
    script: 'tools',
    about: 'Two tools at once',
    tools: ['get_weather', 'get_time'],
  },
]

/** The whole page. */
export class PlaygroundApp extends PageElement {
  static override properties: PropertyDeclarations = {
    page: { attribute: false },
    view: { state: true },
    theme: { state: true },
    isDropping: { state: true },
  }
  declare page: Page
  declare view: View
  declare theme: Theme
  declare isDropping: boolean

  constructor() {
    super()
    this.view = 'chat'
    this.theme = storedTheme()
    this.isDropping = false
  }

  override watched(): readonly Observable[] {
    return [this.page.settings, this.page.conversation]
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#pressed)
    document.addEventListener('dragover', this.#dragged)
    document.addEventListener('dragleave', this.#dragLeft)
    document.addEventListener('drop', this.#dropped)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#pressed)
    document.removeEventListener('dragover', this.#dragged)
    document.removeEventListener('dragleave', this.#dragLeft)
    document.removeEventListener('drop', this.#dropped)
  }

  override render(): TemplateResult {
    const { page, view } = this
    return html`
      <header class="bar">
        <h1><img src="icon.svg" alt="" width="28" height="28" /> ratatoskr</h1>
        <p class="tagline">Every provider’s reply as one stream, stage by stage</p>
        <nav class="views" aria-label="Parts of the page">
          ${views.map(
            ({ id, label }) =>
              html`<button
                type="button"
                aria-current=${id === view ? 'true' : 'false'}
                @click=${() => (this.view = id)}
              >
                ${label}
              </button>`,
          )}
        </nav>
        <button
          type="button"
          class="quiet theme"
          @click=${() => (this.theme = nextTheme(this.theme))}
        >
          ${themeLabels[this.theme]}
        </button>
      </header>
      <main class="parts" data-view=${view}>
        <section class="part part-settings" aria-label="Settings and tapes">
          <rk-settings
            .settings=${page.settings}
            .listModels=${() => page.listModels()}
          ></rk-settings>
          <rk-tapes
            .page=${page}
            @tape-played=${() => this.#show('chat')}
            @tape-refused=${() => this.#show('settings')}
          ></rk-tapes>
        </section>
        <section class="part part-chat" aria-label="Chat" @prompt-wanted=${() => this.#toPrompt()}>
          <rk-conversation
            .conversation=${page.conversation}
            .empty=${this.#renderEmpty()}
            @tape-save=${() => void page.saveTape()}
            @conversation-new=${() => this.#restart()}
          ></rk-conversation>
          <rk-composer
            .conversation=${page.conversation}
            .settings=${page.settings}
            @settings-wanted=${() => this.#showMissing()}
          ></rk-composer>
        </section>
        <section class="part part-chain" aria-label="Chain">
          <rk-chain .trace=${page.trace}></rk-chain>
        </section>
      </main>
      <p class="visually-hidden" role="status">${page.conversation.announcement}</p>
      ${
        this.isDropping
          ? html`<div class="drop" aria-hidden="true"><p>Drop the tape to play it</p></div>`
          : nothing
      }
    `
  }

  override updated(): void {
    applyTheme(this.theme)
  }

  override firstUpdated(): void {
    this.querySelector<PromptComposer>('rk-composer')?.updateComplete.then(
      () => this.#toPrompt(),
      () => {},
    )
  }

  /** Puts the keyboard into the prompt; not where that would open one on the screen. */
  #toPrompt(): void {
    if (matchMedia('(pointer: coarse)').matches) return
    this.querySelector<PromptComposer>('rk-composer')?.focus()
  }

  #renderEmpty(): TemplateResult {
    return html`<div class="empty">
      <h2>Try a prompt</h2>
      <p>${this.#whoAnswers}</p>
      <ul class="suggestions">
        ${suggestions.map(
          (one) =>
            html`<li>
              <button type="button" @click=${() => this.#suggest(one)}>
                <span>${one.prompt}</span><small>${one.about}</small>
              </button>
            </li>`,
        )}
      </ul>
    </div>`
  }

  get #whoAnswers(): string {
    const { connection, isOwnRelay } = this.page.settings
    if (connection.id === 'simulated') {
      return 'A simulated provider answers, so nothing leaves this page and no key is needed. Any other provider can be chosen in the settings.'
    }
    if (connection.id !== 'relay') {
      return `${connection.label} answers, called directly from this page.`
    }
    const who = isOwnRelay ? 'This page’s own server' : 'A relay'
    return `${who} asks the provider, and holds its key. Reload the page while a reply comes: it goes on.`
  }

  #suggest({ prompt, script, tools }: Suggestion): void {
    const { settings, conversation } = this.page
    settings.simulate({ script })
    if (tools !== undefined) settings.change({ tools })
    if (settings.problem === undefined) {
      void conversation.send(prompt)
      this.#toPrompt()
    } else this.#showMissing()
  }

  #restart(): void {
    this.page.conversation.clear()
    this.#toPrompt()
  }

  #show(view: View): void {
    this.view = view
  }

  /** Leads to the setting without which nothing can be sent. */
  #showMissing(): void {
    this.#show('settings')
    const { problem } = this.page.settings
    if (problem === undefined) return
    void this.updateComplete.then(() => document.getElementById(problem.field)?.focus())
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.isComposing) this.page.conversation.stop()
  }

  readonly #dragged = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true) return
    event.preventDefault()
    this.isDropping = true
  }

  readonly #dragLeft = (event: DragEvent): void => {
    if (event.relatedTarget === null) this.isDropping = false
  }

  readonly #dropped = (event: DragEvent): void => {
    this.isDropping = false
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    void this.querySelector<TapeMenu>('rk-tapes')?.open(file)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'rk-app': PlaygroundApp
    'rk-composer': PromptComposer
    'rk-conversation': ConversationView
  }
}
