import { fieldsOf } from '../json/shape.ts'
import { count } from './count.ts'

/**
 * What a `usage` object says of money, in US dollars: OpenRouter's `cost`, Perplexity's
 * `cost.total_cost`, and xAI's `cost_in_usd_ticks`, of which a dollar has 10^10
 * (https://docs.x.ai/developers/cost-tracking).
 */
export function readCost({
  cost,
  cost_in_usd_ticks: ticks,
}: {
  readonly [field: string]: unknown
}): number | undefined {
  const ticked = count(ticks)
  return (
    count(cost) ??
    count(fieldsOf(cost)['total_cost']) ??
    (ticked === undefined ? undefined : ticked / 1e10)
  )
}
