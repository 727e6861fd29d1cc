import { LitElement } from 'lit'
import type { Observable } from '../observable.ts'

/**
 * An element of the page. It renders into the page itself, not into a shadow tree, so that labels
 * and descriptions reach across elements and one style sheet serves all.
 */
export abstract class PageElement extends LitElement {
  #subscriptions: (() => void)[] = []

  override createRenderRoot(): this {
    return this
  }

  /** What it shows: it renders again when one of these changes. */
  protected watched(): readonly Observable[] {
    return []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#subscriptions = this.watched().map((one) => one.subscribe(() => this.requestUpdate()))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe()
  }
}
