import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Observable } from '../observable.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Turn } from '../state/turn.ts'
import { FollowEnd } from './follow-end.ts'
import { PageElement } from './page-element.ts'

/** What was said, from the first turn to the one that is coming. */
export class ConversationView extends PageElement {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    empty: { attribute: false },
  }
  declare conversation: Conversation
  /** What stands here while nothing was said. */
  declare empty: TemplateResult
  #follow: FollowEnd | undefined
  #turns = 0

  override watched(): readonly Observable[] {
    return [this.conversation]
  }

  override render(): TemplateResult {
    const { conversation } = this
    const { turns, openCalls } = conversation
    return html`
      <div class="scroller" tabindex="0" role="region" aria-label="Conversation">
        <div class="turns">
          ${turns.length === 0 ? this.empty : nothing}
          ${repeat(turns, identityOf, (turn) => this.#renderTurn(turn))}
          ${
            openCalls.length > 0
              ? html`<rk-results .conversation=${conversation} .calls=${openCalls}></rk-results>`
              : nothing
          }
          ${turns.length > 0 ? this.#renderActions() : nothing}
        </div>
      </div>
      ${
        this.#follow?.follows === false
          ? html`<button type="button" class="to-end" @click=${() => this.#follow?.resume()}>
              ${conversation.isRunning ? 'Follow the reply' : 'To the end'}
            </button>`
          : nothing
      }
    `
  }

  override firstUpdated(): void {
    const scroller = this.querySelector<HTMLElement>('.scroller')
    if (scroller) this.#follow = new FollowEnd(scroller, () => this.requestUpdate())
  }

  override updated(): void {
    const { length } = this.conversation.turns
    // Who sends something wants to see it.
    if (length !== this.#turns) this.#follow?.resume()
    this.#turns = length
  }

  #renderTurn(turn: Turn): TemplateResult {
    switch (turn.kind) {
      case 'user':
        return html`<div class="turn user"><p class="said">${turn.text}</p></div>`
      case 'results':
        return html`<div class="turn given">
          ${turn.results.map(
            ({ name, message: { content, isError } }) =>
              html`<p class="given-head">${isError ? 'Failure' : 'Result'} of <b>${name}</b></p>
                <pre tabindex="0" aria-label="Result of ${name}">
${typeof content === 'string' ? content : JSON.stringify(content)}</pre>`,
          )}
        </div>`
      case 'tape':
        return html`<div class="turn tape"><p>Tape: ${turn.title}</p></div>`
      case 'reply':
        return html`<rk-reply class="turn" .reply=${turn.reply}></rk-reply>`
    }
  }

  /** They are there while the reply comes too, so that nothing moves at its end. */
  #renderActions(): TemplateResult {
    const { conversation } = this
    const { isRunning, lastReply, tape } = conversation
    const isRetry = lastReply?.state === 'failed'
    return html`<div class="actions">
      <button
        type="button"
        class=${isRetry ? 'primary' : 'quiet'}
        ?disabled=${isRunning || lastReply === undefined}
        @click=${() => this.#retry()}
      >
        ${conversation.isLost ? 'Continue' : 'Try again'}
      </button>
      <button
        type="button"
        class="quiet"
        ?disabled=${isRunning || !lastReply || lastReply.content.length === 0}
        @click=${() => void this.#copy()}
      >
        Copy
      </button>
      <button
        type="button"
        class="quiet"
        ?disabled=${isRunning || tape === undefined}
        @click=${() => this.dispatchEvent(new CustomEvent('tape-save', { bubbles: true }))}
      >
        Save as tape
      </button>
      <button
        type="button"
        class="quiet"
        ?disabled=${isRunning}
        @click=${() => this.dispatchEvent(new CustomEvent('conversation-new', { bubbles: true }))}
      >
        New conversation
      </button>
      <span class="notice" aria-hidden="true">${conversation.notice}</span>
    </div>`
  }

  #retry(): void {
    void this.conversation.retry()
    // The button is disabled now, and would take the keyboard with it.
    this.dispatchEvent(new CustomEvent('prompt-wanted', { bubbles: true }))
  }

  async #copy(): Promise<void> {
    const text = this.conversation.lastReply?.content.toString() ?? ''
    try {
      await navigator.clipboard.writeText(text)
      this.conversation.notify('Copied.')
    } catch {
      this.conversation.notify('The browser does not allow copying here.')
    }
  }
}

const identities = new WeakMap<Turn, number>()
let count = 0

/** A key for a turn: each is an object of its own. */
function identityOf(turn: Turn): number {
  const known = identities.get(turn) ?? (count += 1)
  identities.set(turn, known)
  return known
}
