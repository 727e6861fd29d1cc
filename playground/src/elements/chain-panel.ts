import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import {
  describeEvent,
  describeFrame,
  describeTransfer,
  describeValue,
  type Description,
} from '../chain/describe.ts'
import type { Log } from '../chain/log.ts'
import type { Trace, Traced } from '../chain/trace.ts'
import type { Observable } from '../observable.ts'
import { LogView } from './log-view.ts'
import { PageElement } from './page-element.ts'

/** One of the four panes. */
interface Pane {
  id: string
  title: string
  /** What makes it of what stands in the pane before. */
  stage: string
  count: () => string
  view: { element: HTMLElement; connect(): () => void; deselect(): void }
}

/** The chain beside the conversation: what passes between the stages, in four panes. */
export class ChainPanel extends PageElement {
  static override properties: PropertyDeclarations = { trace: { attribute: false } }
  declare trace: Trace
  #panes: readonly Pane[] = []
  #disconnects: (() => void)[] = []
  #detail: { title: string; text: string } | undefined
  /** The pane whose row is shown in full. */
  #detailed: Pane['view'] | undefined

  override watched(): readonly Observable[] {
    const { transfers, frames, values, events } = this.trace
    return [transfers, frames, values, events]
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { trace } = this
    this.#panes = [
      this.#pane('bytes', 'Bytes', 'fetch', trace.transfers, describeTransfer, () =>
        bytes(trace.bytes),
      ),
      this.#pane('sse', 'SSE events', 'SseDecoderStream', trace.frames, describeFrame),
      this.#pane('json', 'JSON', 'JsonDecoderStream', trace.values, describeValue),
      this.#pane('events', 'Chat events', 'ChatEventDecoderStream', trace.events, describeEvent),
    ]
    this.#disconnects = this.#panes.map(({ view }) => view.connect())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const disconnect of this.#disconnects.splice(0)) disconnect()
  }

  override render(): TemplateResult {
    return html`
      <h2 class="visually-hidden">The chain</h2>
      <ol class="panes">
        ${this.#panes.map(
          ({ id, title, stage, count, view }) => html`
            <li class="pane" data-pane=${id}>
              <div class="pane-head">
                <span class="stage">${stage}</span>
                <h3>${title}</h3>
                <span class="count">${count()}</span>
              </div>
              <div class="pane-body">
                ${view.element}
                <p class="pane-empty">${this.#emptyText(id)}</p>
              </div>
            </li>
          `,
        )}
      </ol>
      ${
        this.#detail === undefined
          ? nothing
          : html`
              <section class="detail" aria-labelledby="detail-title">
                <div class="detail-head">
                  <h3 id="detail-title">${this.#detail.title}</h3>
                  <button type="button" class="quiet" @click=${() => this.#close()}>Close</button>
                </div>
                <pre tabindex="0" aria-labelledby="detail-title">${this.#detail.text}</pre>
              </section>
            `
      }
    `
  }

  #emptyText(id: string): string {
    const first = 'What comes over the network appears here, chunk by chunk.'
    const texts: { readonly [id: string]: string } = {
      bytes: first,
      sse: 'The server-sent events in it.',
      json: 'Their data, parsed and checked.',
      events: 'What your code gets.',
    }
    return texts[id] ?? ''
  }

  #pane<Item>(
    id: string,
    title: string,
    stage: string,
    log: Log<Traced<Item>>,
    describe: Description<Item>,
    count: () => string = () => log.total.toLocaleString('en'),
  ): Pane {
    const view: LogView<Item> = new LogView(`log-${id}`, title, log, describe, (entry) => {
      for (const pane of this.#panes) if (pane.view !== view) pane.view.deselect()
      this.#detailed = view
      this.#detail =
        entry === undefined
          ? undefined
          : {
              title: `${title}: ${describe.row(entry.item).tag}`,
              text: describe.detail(entry.item),
            }
      this.requestUpdate()
    })
    return { id, title, stage, count, view }
  }

  #close(): void {
    this.#detail = undefined
    this.#detailed?.element.focus()
    for (const { view } of this.#panes) view.deselect()
    this.requestUpdate()
  }
}

function bytes(count: number): string {
  if (count < 10_000) return `${count.toLocaleString('en')} B`
  if (count < 10_000_000) return `${(count / 1000).toFixed(1)} kB`
  return `${(count / 1_000_000).toFixed(1)} MB`
}
