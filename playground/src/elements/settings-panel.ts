import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Observable } from '../observable.ts'
import { connections, type Connection } from '../providers/connections.ts'
import type { ListedModels } from '../providers/list-models.ts'
import { exampleTools } from '../state/example-tools.ts'
import type { Effort, Settings } from '../state/settings.ts'
import { isChecked, option, valueOf } from './form-controls.ts'
import { PageElement } from './page-element.ts'
import { simulationFields } from './simulation-fields.ts'

const efforts: readonly { id: Effort; label: string }[] = [
  { id: '', label: 'As the model likes' },
  { id: 'none', label: 'None' },
  { id: 'minimal', label: 'Minimal' },
  { id: 'low', label: 'Low' },
  { id: 'medium', label: 'Medium' },
  { id: 'high', label: 'High' },
  { id: 'xhigh', label: 'Very high' },
]

/** Whom to ask, and how. */
export class SettingsPanel extends PageElement {
  static override properties: PropertyDeclarations = {
    settings: { attribute: false },
    listModels: { attribute: false },
    isKeyShown: { state: true },
    listed: { state: true },
    isListing: { state: true },
  }
  declare settings: Settings
  /** Asks the chosen provider for its models. */
  declare listModels: () => Promise<ListedModels>
  declare isKeyShown: boolean
  /** What was listed, by connection. */
  declare listed: ReadonlyMap<string, ListedModels>
  declare isListing: boolean

  constructor() {
    super()
    this.isKeyShown = false
    this.listed = new Map()
    this.isListing = false
  }

  override watched(): readonly Observable[] {
    return [this.settings]
  }

  override updated(): void {
    if (!this.settings.isOwnRelay || this.listed.has('relay')) return
    // It needs no key, and the page's own server knows already who asks.
    void this.updateComplete.then(() => this.#list())
  }

  override render(): TemplateResult {
    const { settings } = this
    const { connection, values } = settings
    return html`<form
      class="settings"
      aria-label="Settings"
      autocomplete="off"
      @submit=${(event: Event) => event.preventDefault()}
    >
      <fieldset>
        <legend>Whom to ask</legend>
        <div class="field">
          <label for="connection">Provider</label>
          <select id="connection" @change=${this.#chooseConnection}>
            ${places().map(
              (place) =>
                html`<optgroup label=${place}>
                  ${connections
                    .filter((one) => one.place === place)
                    .map((one) => option(one.id, one.label, connection.id))}
                </optgroup>`,
            )}
          </select>
        </div>
        ${
          connection.id === 'simulated'
            ? html`<p class="hint">A model that is only played: no key, no network, no cost.</p>`
            : this.#renderReal(connection)
        }
        ${settings.isSimulated ? simulationFields(settings) : nothing}
      </fieldset>
      <fieldset>
        <legend>How to answer</legend>
        <div class="field">
          <label for="system">System prompt</label>
          <textarea
            id="system"
            rows="3"
            .value=${values.systemPrompt}
            @input=${(event: Event) => settings.change({ systemPrompt: valueOf(event) })}
          ></textarea>
        </div>
        <div class="pair">
          <div class="field">
            <label for="temperature">Temperature</label>
            <input
              id="temperature"
              inputmode="decimal"
              placeholder="default"
              .value=${values.temperature}
              @input=${(event: Event) => settings.change({ temperature: valueOf(event).trim() })}
            />
          </div>
          <div class="field">
            <label for="max-tokens">Max tokens</label>
            <input
              id="max-tokens"
              inputmode="numeric"
              placeholder="default"
              .value=${values.maxTokens}
              @input=${(event: Event) => settings.change({ maxTokens: valueOf(event).trim() })}
            />
          </div>
        </div>
        <div class="field">
          <label for="effort">Reasoning effort</label>
          <select id="effort" @change=${this.#chooseEffort}>
            ${efforts.map(({ id, label }) => option(id, label, values.effort))}
          </select>
        </div>
      </fieldset>
      <fieldset>
        <legend>Tools it may call</legend>
        ${exampleTools.map(
          ({ definition: { name, description } }) =>
            html`<label class="check tool">
              <input
                type="checkbox"
                .checked=${values.tools.includes(name)}
                @change=${(event: Event) => this.#chooseTool(name, event)}
              />
              <span><code>${name}</code><small>${description}</small></span>
            </label>`,
        )}
        <p class="hint">You give the results: a box opens when the model calls.</p>
      </fieldset>
    </form>`
  }

  #renderReal(connection: Connection): TemplateResult {
    const { settings } = this
    const { key, usualURL, isInBrowser } = connection
    const { isOwnRelay, ownRelay } = settings
    const hint = isOwnRelay ? aboutOwnRelay : connection.hint
    if (isInBrowser) return html`<p class="hint">${hint}</p>`
    const usual = connection.id === 'relay' ? (ownRelay ?? 'https://relay.example.com') : usualURL
    return html`
      ${key === 'none' || isOwnRelay ? nothing : this.#renderKey(connection)}
      ${this.#renderModel(connection)}
      <div class="field">
        <label for="base-url">Base URL</label>
        <input
          id="base-url"
          type="url"
          spellcheck="false"
          placeholder=${usual ?? 'https://llm.example.com/v1'}
          .value=${settings.baseURL}
          @input=${(event: Event) => (settings.baseURL = valueOf(event))}
        />
      </div>
      ${hint === undefined ? nothing : html`<p class="hint">${hint}</p>`}
    `
  }

  #renderModel({ id, label, models }: Connection): TemplateResult {
    const { settings, isListing } = this
    const { ids = [], problem } = this.listed.get(id) ?? {}
    return html`<div class="field">
      <div class="field-head">
        <label for="model">Model</label>
        <button
          type="button"
          class="quiet"
          aria-label="List the models"
          aria-disabled=${isListing}
          @click=${this.#listAndShow}
        >
          ${isListing ? 'Asks…' : 'List'}
        </button>
      </div>
      <input
        id="model"
        list="models"
        spellcheck="false"
        autocapitalize="off"
        placeholder=${models.length === 0 ? 'name, or press List' : ''}
        .value=${settings.model}
        @input=${(event: Event) => (settings.model = valueOf(event))}
      />
      <datalist id="models">
        ${models.map((model) => html`<option value=${model}></option>`)}
      </datalist>
      ${
        ids.length === 0
          ? nothing
          : html`<select
              id="listed"
              aria-label="Models of ${label}"
              @change=${(event: Event) => (settings.model = valueOf(event))}
            >
              ${ids.includes(settings.model) ? nothing : option('', `Choose one of ${ids.length}`, '')}
              ${ids.map((one) => option(one, one, settings.model))}
            </select>`
      }
      <p class="problem" role="alert">${problem}</p>
    </div>`
  }

  #renderKey({ key, keyPage, keyVariable }: Connection): TemplateResult {
    const { settings } = this
    const { rememberKeys } = settings.values
    const placeholder =
      settings.serverKey === '' ? (key === 'optional' ? 'none' : '') : `from ${keyVariable}`
    return html`<div class="field">
        <label for="key">API key</label>
        <div class="with-button">
          <input
            id="key"
            type=${this.isKeyShown ? 'text' : 'password'}
            autocomplete="off"
            spellcheck="false"
            placeholder=${placeholder}
            aria-describedby="key-hint"
            .value=${settings.key}
            @input=${(event: Event) => (settings.key = valueOf(event))}
          />
          <button
            type="button"
            class="quiet"
            aria-pressed=${this.isKeyShown}
            aria-label="Show the key"
            @click=${() => (this.isKeyShown = !this.isKeyShown)}
          >
            ${this.isKeyShown ? 'Hide' : 'Show'}
          </button>
        </div>
        <p class="hint" id="key-hint">
          It is sent to the provider and nowhere else.
          ${
            keyPage === undefined
              ? nothing
              : html`<a href=${keyPage} target="_blank" rel="noopener noreferrer">Get a key</a>`
          }
        </p>
      </div>
      <label class="check">
        <input
          type="checkbox"
          .checked=${rememberKeys}
          @change=${(event: Event) => settings.change({ rememberKeys: isChecked(event) })}
        />
        Keep keys until this tab is closed
      </label>`
  }

  readonly #chooseConnection = (event: Event): void => {
    const found = connections.find(({ id }) => id === valueOf(event))
    if (found) this.settings.change({ connection: found.id })
  }

  readonly #listAndShow = async (): Promise<void> => {
    const { id } = this.settings.connection
    await this.#list()
    if (this.settings.connection.id !== id) return
    await this.updateComplete
    this.querySelector<HTMLElement>('#listed')?.focus()
  }

  async #list(): Promise<void> {
    if (this.isListing) return
    this.isListing = true
    const { id, label } = this.settings.connection
    const listed = await this.listModels().catch(() => ({
      ids: [],
      problem: `The models of ${label} could not be listed.`,
    }))
    this.isListing = false
    this.listed = new Map([...this.listed, [id, listed]])
    if (this.settings.connection.id !== id) return
    const [first] = listed.ids
    if (first !== undefined && listed.ids.length === 1) this.settings.model = first
  }

  readonly #chooseEffort = (event: Event): void => {
    const found = efforts.find(({ id }) => id === valueOf(event))
    if (found) this.settings.change({ effort: found.id })
  }

  #chooseTool(name: string, event: Event): void {
    const others = this.settings.values.tools.filter((one) => one !== name)
    this.settings.change({ tools: isChecked(event) ? [...others, name] : others })
  }
}

const aboutOwnRelay =
  'This page’s own server is the relay. It has the simulated model, and the providers whose keys are in its environment. A reply goes on while the connection is lost, or the page is loaded anew.'

function places(): Connection['place'][] {
  return [...new Set(connections.map(({ place }) => place))]
}
