import { LitElement } from 'lit'
import { vi } from 'vitest'
import { defineElements } from '../src/elements/define.ts'

/** Puts an element into an empty page, and waits until it is rendered. */
export async function mount<Shown extends HTMLElement>(element: Shown): Promise<Shown> {
  document.body.replaceChildren(element)
  await settled()
  return element
}

/** Makes the elements known; a constructor of one is allowed only then. */
export function prepare(): void {
  defineElements()
}

/** Waits until what has changed is in the page. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      requestAnimationFrame(resolve)
    })
    for (const element of document.querySelectorAll('*')) {
      if (element instanceof LitElement) await element.updateComplete
    }
  }
}

/** Waits for something to become true; a loaded machine takes its time. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 10 })
}

/** The one element that a selector finds. */
export function find(selector: string, within: ParentNode = document): HTMLElement {
  const found = within.querySelector(selector)
  if (found instanceof HTMLElement) return found
  throw new Error(`There is no ${selector}.`)
}

/** The text of what a selector finds, with its white space joined. */
export function text(selector: string, within: ParentNode = document): string {
  return find(selector, within).textContent.replaceAll(/\s+/g, ' ').trim()
}
