import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { MarkdownWriter } from '../markdown/markdown-writer.ts'
import type { Observable } from '../observable.ts'
import { connectionOf, type Connection } from '../providers/connections.ts'
import { explainError } from '../state/explain-error.ts'
import type { GrowingText } from '../state/growing-text.ts'
import type { Reply, ShownCall } from '../state/reply.ts'
import { duration, factsOf } from './facts.ts'
import { PageElement } from './page-element.ts'

/** A reply: its reasoning, text, calls, sources and figures, as they come. */
export class ReplyView extends PageElement {
  static override properties: PropertyDeclarations = { reply: { attribute: false } }
  declare reply: Reply
  readonly #content: HTMLElement = document.createElement('div')
  readonly #markdown = new MarkdownWriter(this.#content)
  readonly #reasoning = new PlainText('reasoning-text')
  readonly #refusal = new PlainText('refusal')
  readonly #calls: PlainText[] = []
  #written = 0
  #isEnded = false

  constructor() {
    super()
    this.#content.className = 'markdown'
  }

  override watched(): readonly Observable[] {
    return [this.reply]
  }

  override render(): TemplateResult {
    const { reply } = this
    const { state, reasoning, refusal, citations, images, calls } = reply
    this.#write()
    return html`
      <article class="reply" data-state=${state} aria-label="Reply" aria-busy=${reply.isRunning}>
        <p class="asked">${reply.asked}</p>
        ${reasoning.length > 0 ? this.#renderReasoning() : nothing}
        ${
          state === 'waiting'
            ? html`<p class="waiting"><span class="pulse" aria-hidden="true"></span>Waiting…</p>`
            : nothing
        }
        ${this.#content} ${refusal.length > 0 ? this.#refusal.element : nothing}
        ${images.map((image) => renderImage(image.mediaType, image.data, image.url))}
        ${
          calls.length > 0
            ? html`<ol class="calls" aria-label="Tool calls">
                ${calls.map((call, i) => this.#renderCall(call, i))}
              </ol>`
            : nothing
        }
        ${
          citations.length > 0
            ? html`<section class="citations" aria-label="Sources">
                <h4>Sources</h4>
                <ol>
                  ${citations.map(({ url, title, text, documentId }) =>
                    renderCitation(url, title ?? documentId ?? url ?? 'Source', text),
                  )}
                </ol>
              </section>`
            : nothing
        }
        ${
          reply.isCut
            ? html`<p class="waiting">
                <span class="pulse" aria-hidden="true"></span>The connection is lost. Trying again…
              </p>`
            : nothing
        }
        ${
          state === 'stopped'
            ? html`<p class="note">Stopped. ${reply.events > 0 ? 'What had come is kept.' : ''}</p>`
            : nothing
        }
        ${
          state === 'complete' && reply.finishReason === 'length'
            ? html`<p class="note">The model reached its limit of tokens before the end.</p>`
            : nothing
        }
        ${
          state === 'complete' && reply.finishReason === 'content_filter'
            ? html`<p class="note">The provider ended the reply for its content.</p>`
            : nothing
        }
        ${state === 'failed' ? this.#renderError() : nothing}
        <dl class="facts">
          ${factsOf(reply).map(
            ({ name, value, title }) =>
              html`<div title=${title}>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl>
      </article>
    `
  }

  /** Who was asked, for the advice on a failure. */
  get #connection(): Partial<Connection> {
    return this.reply.connection === undefined ? {} : connectionOf(this.reply.connection)
  }

  #write(): void {
    const { reply } = this
    const more = reply.content.since(this.#written)
    this.#written += more.length
    if (more !== '') this.#markdown.write(more)
    if (!reply.isRunning && !this.#isEnded) {
      this.#isEnded = true
      this.#markdown.end()
    }
    this.#reasoning.write(reply.reasoning)
    this.#refusal.write(reply.refusal)
    reply.calls.forEach((call, i) => {
      const text = (this.#calls[i] ??= new PlainText('arguments'))
      text.write(call.arguments)
    })
  }

  #renderReasoning(): TemplateResult {
    const { reasoned = 0, times, isRunning, content, calls } = this.reply
    const isThinking = isRunning && content.length === 0 && calls.length === 0
    const took = reasoned - (times.firstEvent ?? reasoned)
    return html`<details class="reasoning">
      <summary>${isThinking ? 'Thinking…' : `Reasoning, ${duration(took)}`}</summary>
      ${this.#reasoning.element}
    </details>`
  }

  #renderCall({ name, state }: ShownCall, i: number): TemplateResult {
    const told = { forming: 'forming…', complete: 'complete', cut: 'cut off, not to be run' }
    return html`<li class="call" data-state=${state}>
      <p class="call-head"><b>${name}</b> <span class="call-state">${told[state]}</span></p>
      ${this.#calls[i]?.element}
    </li>`
  }

  #renderError(): TemplateResult {
    const { title, message, advice, said, facts } = explainError(this.reply.error, this.#connection)
    return html`<section class="error" aria-label="Failure">
      <h4>${title}</h4>
      <p>${message}</p>
      ${said === undefined ? nothing : html`<blockquote>${said}</blockquote>`}
      <p>${advice}</p>
      <p class="small">${facts.join(' · ')}</p>
    </section>`
  }
}

/** Text that grows at its end. */
class PlainText {
  readonly element: HTMLElement = document.createElement('div')
  readonly #text: Text = document.createTextNode('')
  #written = 0

  constructor(className: string) {
    this.element.className = className
    this.element.append(this.#text)
  }

  write(text: GrowingText): void {
    if (text.length === this.#written) return
    this.#text.appendData(text.since(this.#written))
    this.#written = text.length
  }
}

function renderImage(type: string, data: string | undefined, url: string | undefined) {
  // Only what is in the reply itself: an address of somebody else's would be told that it was read.
  if (data !== undefined && /^image\/(png|jpeg|gif|webp|avif)$/.test(type)) {
    return html`<img
      class="made"
      alt="Image made by the model"
      src="data:${type};base64,${data}"
    />`
  }
  if (url !== undefined && /^https?:/.test(url)) return renderLink(url, 'An image')
  return html`<p class="note">An image of type ${type}, which is not shown here.</p>`
}

function renderCitation(url: string | undefined, title: string, text: string | undefined) {
  return html`<li>
    ${url !== undefined && /^https?:/.test(url) ? renderLink(url, title) : title}
    ${text === undefined ? nothing : html`<q>${text}</q>`}
  </li>`
}

function renderLink(url: string, text: string) {
  return html`<a
    href=${url}
    target="_blank"
    rel="noopener noreferrer nofollow"
    referrerpolicy="no-referrer"
    >${text}</a
  >`
}
