/**
 * Whether a model of Anthropic's decides by itself how much it thinks. Newer ones refuse a budget:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-adaptive-thinking.html
 */
export function isAdaptive(model: string): boolean {
  return !/claude-(3|(opus|sonnet|haiku)-4(?![-.][6-9]))/.test(model)
}

/** The part of the tokens that models without adaptive thinking may think with. */
const shares = { minimal: 0.1, low: 0.2, medium: 0.5, high: 0.8, xhigh: 0.95 } as const

/** The tokens to think with, of which Anthropic wants at least 1024. */
export function budgetOf(maxTokens: number, effort: keyof typeof shares = 'medium'): number {
  return Math.max(1024, Math.floor(maxTokens * shares[effort]))
}
