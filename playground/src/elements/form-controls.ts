import { html, type TemplateResult } from 'lit'

/** One of the choices of a `select`. */
export function option(id: string, label: string, chosen: string): TemplateResult {
  return html`<option value=${id} ?selected=${id === chosen} .selected=${id === chosen}>
    ${label}
  </option>`
}

/** What stands in the control that an event is of. */
export function valueOf({ target }: Event): string {
  return target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
    ? target.value
    : ''
}

/** Whether the box that an event is of is ticked. */
export function isChecked({ target }: Event): boolean {
  return target instanceof HTMLInputElement && target.checked
}
