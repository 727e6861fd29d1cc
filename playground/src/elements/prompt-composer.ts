import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Observable } from '../observable.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Settings } from '../state/settings.ts'
import { PageElement } from './page-element.ts'

/** Where the prompt is written and sent, and the reply is stopped. */
export class PromptComposer extends PageElement {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    settings: { attribute: false },
    hint: { state: true },
  }
  declare conversation: Conversation
  declare settings: Settings
  /** Why the prompt was not sent. */
  declare hint: 'prompt' | 'settings' | undefined

  override watched(): readonly Observable[] {
    return [this.conversation, this.settings]
  }

  override render(): TemplateResult {
    const { isRunning } = this.conversation
    const { connection, model } = this.settings
    return html`<form class="composer" @submit=${this.#submit}>
      <label class="visually-hidden" for="prompt">Prompt</label>
      <textarea
        id="prompt"
        rows="2"
        placeholder="Write a prompt"
        aria-describedby="prompt-target prompt-hint"
        @keydown=${this.#pressed}
        @input=${() => (this.hint = undefined)}
      ></textarea>
      <div class="composer-foot">
        <p class="target" id="prompt-target">
          <span class="visually-hidden">It goes to</span> ${connection.label}${
            model === '' ? nothing : html` · <span class="model">${model}</span>`
          }
        </p>
        <p class="keys" aria-hidden="true">
          ${isRunning ? html`<kbd>Esc</kbd> stops` : html`<kbd>Enter</kbd> sends`}
        </p>
        ${
          isRunning
            ? html`<button
                type="button"
                class="stop"
                aria-keyshortcuts="Escape"
                @click=${() => this.#stop()}
              >
                Stop
              </button>`
            : html`<button type="submit" class="primary">Send</button>`
        }
      </div>
      <p class="problem" id="prompt-hint" role="alert">${this.#hintText}</p>
    </form>`
  }

  /** Puts the keyboard into the prompt. */
  override focus(): void {
    this.#prompt?.focus()
  }

  /** It goes with its cause. */
  get #hintText(): string {
    if (this.hint === 'prompt') return 'Write a prompt first.'
    return this.hint === 'settings' ? (this.settings.problem?.text ?? '') : ''
  }

  #stop(): void {
    this.conversation.stop()
    this.dispatchEvent(new CustomEvent('prompt-wanted', { bubbles: true }))
  }

  get #prompt(): HTMLTextAreaElement | undefined {
    return this.querySelector('textarea') ?? undefined
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    // Enter also ends the choice of an input method (Japanese, Chinese, Korean).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    this.#send()
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault()
    this.#send()
  }

  #send(): void {
    const prompt = this.#prompt
    const text = prompt?.value.trim() ?? ''
    if (prompt === undefined || this.conversation.isRunning) return
    if (text === '') {
      this.hint = 'prompt'
      prompt.focus()
      return
    }
    if (this.settings.problem !== undefined) {
      this.hint = 'settings'
      this.dispatchEvent(new CustomEvent('settings-wanted', { bubbles: true }))
      return
    }
    prompt.value = ''
    prompt.focus()
    void this.conversation.send(text)
  }
}
