import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { ToolCall } from 'ratatoskr'
import type { Conversation } from '../state/conversation.ts'
import { suggestResult } from '../state/example-tools.ts'
import { PageElement } from './page-element.ts'

/** The boxes in which the results of tool calls are given, so that the model goes on. */
export class ResultsForm extends PageElement {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    calls: { attribute: false },
  }
  declare conversation: Conversation
  declare calls: readonly ToolCall[]

  override render(): TemplateResult {
    const { calls } = this
    return html`<form class="results" aria-label="Results of the tools" @submit=${this.#submit}>
      <p class="results-intro">
        You are the tool: give ${calls.length === 1 ? 'its result' : 'each result'}, and the model
        goes on.
      </p>
      ${calls.map(
        (call, i) =>
          html`<div class="result">
            <label for="result-${i}">Result of <b>${call.name}</b></label>
            <textarea
              id="result-${i}"
              name="result-${i}"
              rows="4"
              spellcheck="false"
              .defaultValue=${suggestResult(call)}
            ></textarea>
            <label class="check">
              <input type="checkbox" name="failed-${i}" />
              The tool has failed
            </label>
          </div>`,
      )}
      <button type="submit" class="primary">
        Send ${calls.length === 1 ? 'the result' : 'the results'}
      </button>
    </form>`
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const data = new FormData(event.currentTarget)
    const results = this.calls.map(({ id, name }, i) => {
      const given = data.get(`result-${i}`)
      const text = typeof given === 'string' ? given : ''
      return { id, name, text, isError: data.has(`failed-${i}`) }
    })
    void this.conversation.giveResults(results)
    // The boxes go away, and the keyboard must not be lost with them.
    this.dispatchEvent(new CustomEvent('prompt-wanted', { bubbles: true }))
  }
}
