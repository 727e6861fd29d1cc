import { simulatorFetch } from '@ratatoskr/testkit'
import { Page } from '../src/page.ts'
import type { Fetch } from '../src/chain/staged-provider.ts'
import { simulationAt } from '../src/simulated/simulation.ts'

/** A page as the static build has it: the simulated provider is inside, and there is no network. */
export function simulatedPage(
  storage?: Storage,
  fetch: Fetch = () => Promise.reject(new TypeError('There is no network.')),
  relay?: string,
): Page {
  const simulated = simulatorFetch((request) => simulationAt(request.url))
  const page = new Page(
    { origin: 'https://page.test', fetch, simulated: () => Promise.resolve(simulated), relay },
    storage,
  )
  page.settings.change({ simulation: { script: 'prose', pace: 'instant', fault: 'none' } })
  return page
}
