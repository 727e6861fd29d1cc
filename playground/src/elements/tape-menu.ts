import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { atNextFrame } from '../frame.ts'
import type { Observable } from '../observable.ts'
import type { Page } from '../page.ts'
import { gallery } from '../tapes/gallery.ts'
import { PageElement } from './page-element.ts'

const speeds = [
  { value: 1, label: 'Their own pace' },
  { value: 4, label: '4 times' },
  { value: 20, label: '20 times' },
  { value: Infinity, label: 'At once' },
]

/** Tapes: recorded replies, to be played again through the same chain. */
export class TapeMenu extends PageElement {
  static override properties: PropertyDeclarations = {
    page: { attribute: false },
    problem: { attribute: false },
  }
  declare page: Page
  declare problem: string | undefined

  override watched(): readonly Observable[] {
    return [this.page.conversation]
  }

  override render(): TemplateResult {
    const { conversation } = this.page
    return html`<section class="tapes" aria-labelledby="tapes-title">
      <h2 id="tapes-title">Tapes</h2>
      <p class="hint">
        Recorded replies, byte for byte. Play one, drop a file anywhere on this page, or save a
        reply of your own.
      </p>
      <ul>
        ${gallery.map(
          ({ id, title, about }) =>
            html`<li>
              <button
                type="button"
                class="tape-button"
                data-tape=${id}
                @click=${() => this.#play(id)}
              >
                <span>${title}</span><small>${about}</small>
              </button>
            </li>`,
        )}
      </ul>
      <div class="pair">
        <div class="field">
          <label for="speed">Played at</label>
          <select
            id="speed"
            @change=${({ target }: Event) => {
              if (target instanceof HTMLSelectElement) conversation.speed = Number(target.value)
            }}
          >
            ${speeds.map(
              ({ value, label }) =>
                html`<option value=${value} .selected=${value === conversation.speed}>
                  ${label}
                </option>`,
            )}
          </select>
        </div>
        <div class="field">
          <label for="tape-file">Open a file</label>
          <input
            id="tape-file"
            type="file"
            accept=".json,application/json"
            @change=${this.#opened}
          />
        </div>
      </div>
      <p class="problem" role="alert">${this.problem}</p>
    </section>`
  }

  /** Opens a file that was chosen or dropped. */
  async open(file: File): Promise<void> {
    this.problem = undefined
    this.problem = await this.page.playFile(file)
    if (this.problem === undefined) this.#tell()
    else this.#showProblem()
  }

  readonly #opened = ({ target }: Event): void => {
    if (!(target instanceof HTMLInputElement)) return
    const file = target.files?.[0]
    // The same file may be chosen again.
    target.value = ''
    if (file) void this.open(file)
  }

  #play(id: string): void {
    this.problem = undefined
    this.#tell()
    this.page.playFromGallery(id).catch(() => {
      this.problem = 'The tape could not be loaded.'
      this.#showProblem()
    })
  }

  /** A file may be dropped where this menu is not in sight. */
  #showProblem(): void {
    this.dispatchEvent(new CustomEvent('tape-refused', { bubbles: true }))
    atNextFrame('scroll', () => {
      this.querySelector('.problem')?.scrollIntoView({ block: 'nearest' })
    })
  }

  #tell(): void {
    this.dispatchEvent(new CustomEvent('tape-played', { bubbles: true }))
  }
}
