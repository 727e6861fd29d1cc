import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import {
  describeEvent,
  describeFrame,
  describeTransfer,
  describeValue,
  type Description,
} from '../chain/describe.ts'
import type { Log } from '../chain/log.ts'
import type { Framing, Trace, Traced } from '../chain/trace.ts'
import type { Observable } from '../observable.ts'
import { LogView } from './log-view.ts'
import { PageElement } from './page-element.ts'

/** One of the four panes. */
interface Pane {
  id: string
  /** What is in it, and what makes it of what stands in the pane before. */
  framing: () => Framing
  count: () => string
  view: { element: HTMLElement; label: string; connect(): () => void; deselect(): void }
}

const transferred: Framing = {
  title: 'Bytes',
  stage: 'fetch',
  about: 'What comes over the network appears here, chunk by chunk.',
}

const parsed: Framing = {
  title: 'JSON',
  stage: 'JsonDecoderStream',
  about: 'Their data, parsed and checked.',
}

const decoded: Framing = {
  title: 'Chat events',
  stage: 'ChatEventDecoderStream',
  about: 'What your code gets.',
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
      this.#pane(
        'bytes',
        () => transferred,
        trace.transfers,
        describeTransfer,
        () => bytes(trace.bytes),
      ),
      this.#pane('sse', () => trace.framing, trace.frames, describeFrame),
      this.#pane('json', () => by(parsed, trace.framing.json), trace.values, describeValue),
      this.#pane('events', () => by(decoded, trace.framing.events), trace.events, describeEvent),
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
        ${this.#panes.map(({ id, framing, count, view }) => {
          const { title, stage, about } = framing()
          view.label = title
          return html`
            <li class="pane" data-pane=${id}>
              <div class="pane-head">
                <span class="stage">${stage}</span>
                <h3>${title}</h3>
                <span class="count">${count()}</span>
              </div>
              <div class="pane-body">
                ${view.element}
                <p class="pane-empty">${about}</p>
              </div>
            </li>
          `
        })}
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

  #pane<Item>(
    id: string,
    framing: () => Framing,
    log: Log<Traced<Item>>,
    describe: Description<Item>,
    count: () => string = () => log.total.toLocaleString('en'),
  ): Pane {
    const view: LogView<Item> = new LogView(
      `log-${id}`,
      framing().title,
      log,
      describe,
      (entry) => {
        for (const pane of this.#panes) if (pane.view !== view) pane.view.deselect()
        this.#detailed = view
        this.#detail =
          entry === undefined
            ? undefined
            : {
                title: `${framing().title}: ${describe.row(entry.item).tag}`,
                text: describe.detail(entry.item),
              }
        this.requestUpdate()
      },
    )
    return { id, framing, count, view }
  }

  #close(): void {
    this.#detail = undefined
    this.#detailed?.element.focus()
    for (const { view } of this.#panes) view.deselect()
    this.requestUpdate()
  }
}

/** What is in a pane, where another stage than the usual makes it. */
function by(framing: Framing, stage = framing.stage): Framing {
  return { ...framing, stage }
}

function bytes(count: number): string {
  if (count < 10_000) return `${count.toLocaleString('en')} B`
  if (count < 10_000_000) return `${(count / 1000).toFixed(1)} kB`
  return `${(count / 1_000_000).toFixed(1)} MB`
}
