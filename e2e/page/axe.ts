import axeCore, { type AxeResults, type RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

/** A rule that a page breaks. */
export interface AxeViolation {
  /** Such as `color-contrast`. */
  readonly rule: string
  readonly impact: 'serious' | 'critical'
  /** What is to be done. */
  readonly help: string
  /** Selectors of the elements; ` >>> ` leads into a shadow tree or a frame. */
  readonly targets: readonly string[]
}

/**
 * The violations that axe-core finds in a page and calls serious or critical.
 *
 * @param within A selector, to look at a part only.
 */
export async function axe(page: Page, within?: string): Promise<AxeViolation[]> {
  // Evaluated from outside, it is not subject to the page's policy.
  await page.evaluate(axeCore.source)
  const { violations } = await page.evaluate(
    ([selector, options]): Promise<AxeResults> => {
      const { axe: loaded } = globalThis as unknown as { axe: typeof axeCore }
      return loaded.run(selector ?? document, options)
    },
    [within, runOptions] as const,
  )
  return violations.flatMap(({ id, impact, help, nodes }) =>
    impact === 'serious' || impact === 'critical'
      ? [
          {
            rule: id,
            impact,
            help,
            targets: nodes.map(({ target }) => target.flat().join(' >>> ')),
          },
        ]
      : [],
  )
}

const runOptions: RunOptions = { resultTypes: ['violations'] }
