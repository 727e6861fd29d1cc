export const element = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = '',
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(name)
  if (className !== '') made.className = className
  return made
}

const headings = ['h3', 'h4', 'h5', 'h6'] as const

/** The reply stands below the headings of the page. */
export const heading = (level: number): HTMLElement => element(headings[level] ?? 'h6')

/** A box that scrolls has to be reached by keyboard, and what is reached has to have a name. */
function group<E extends HTMLElement>(node: E, name: string): E {
  node.tabIndex = 0
  // Not `region`: dozens of landmarks of one name are no help.
  node.setAttribute('role', 'group')
  node.setAttribute('aria-label', name)
  return node
}

export function appendCode(parent: HTMLElement): HTMLElement {
  return group(parent.appendChild(element('pre')), 'Code').appendChild(element('code'))
}

/** False when the text is no plain name of a language. */
export function nameLanguage(code: HTMLElement, name: string): boolean {
  if (code.parentElement === null || !/^[\w+#.-]{1,20}$/.test(name)) return name === ''
  code.parentElement.setAttribute('data-language', name)
  code.parentElement.setAttribute('aria-label', `Code: ${name}`)
  return true
}

export function appendTable(parent: HTMLElement): HTMLElement {
  return group(parent.appendChild(element('div', 'table')), 'Table').appendChild(element('table'))
}

/** The first row is the head. */
export function appendRow(table: HTMLElement): HTMLElement {
  const last = table.lastElementChild
  const part =
    last?.tagName === 'TBODY' ? last : table.appendChild(element(last === null ? 'thead' : 'tbody'))
  return part.appendChild(element('tr'))
}

export function appendCell(row: HTMLElement): HTMLElement {
  if (row.parentElement?.tagName !== 'THEAD') return row.appendChild(element('td'))
  const cell = element('th')
  cell.scope = 'col'
  return row.appendChild(cell)
}

export function appendCheckbox(parent: HTMLElement): HTMLElement {
  if (parent instanceof HTMLLIElement) parent.className = 'task'
  const box = element('input')
  box.type = 'checkbox'
  box.disabled = true
  box.setAttribute('aria-label', 'Task')
  return parent.appendChild(box)
}
