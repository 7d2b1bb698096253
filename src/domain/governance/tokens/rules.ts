import { clamp, roundTo } from '../statistics.ts'

/** USD per million tokens. A model has the price of the longest name that is part of its own. */
const PRICES: readonly (readonly [name: string, input: number, output: number])[] = [
  ['opus', 15, 75],
  ['sonnet', 3, 15],
  ['haiku', 0.8, 4],
  ['gpt-4.1', 2, 8],
  ['gpt-4.1-mini', 0.4, 1.6],
  ['gpt-4.1-nano', 0.1, 0.4],
  ['gpt-4o', 2.5, 10],
  ['gpt-4o-mini', 0.15, 0.6],
  ['codex', 3, 15],
  ['o3', 2, 8],
  ['o4-mini', 1.1, 4.4],
  ['gemini-2.5-pro', 1.25, 10],
  ['gemini-2.5-flash', 0.15, 0.6],
]
/** Unknown models are taken for the dearest. */
const UNKNOWN_MODEL: ModelPrice = { input: 15, output: 75 }

export const TOKEN_LIMITS = { tokens: 10_000_000, usd: 10_000 } as const

export interface ModelPrice {
  input: number
  output: number
}

/** What a model costs per million tokens. */
export function modelPrice(model: string | null): ModelPrice {
  const name = (model ?? '').toLowerCase()
  const [best] = PRICES.filter(([part]) => name.includes(part)).toSorted(
    ([a], [b]) => b.length - a.length,
  )
  if (best === undefined) return UNKNOWN_MODEL
  const [, input, output] = best
  return { input, output }
}

/** Estimated cost in USD, to a millionth. */
export function tokenCost(usage: {
  model: string | null
  tokensIn: number
  tokensOut: number
}): number {
  const { input, output } = modelPrice(usage.model)
  return roundTo((usage.tokensIn * input + usage.tokensOut * output) / 1_000_000, 6)
}

/** A number of tokens as it is stored: whole, and not beyond what is credible. */
export function storedTokens(count: number | null | undefined): number | null {
  return count === null || count === undefined
    ? null
    : Math.round(clamp(count, 0, TOKEN_LIMITS.tokens))
}

/** The cost that is stored of an action: as reported, else from its tokens. */
export function storedCost(reported: {
  cost: number | null
  model: string | null
  tokensIn: number | null
  tokensOut: number | null
}): number | null {
  const { cost, model, tokensIn, tokensOut } = reported
  if (cost !== null) return clamp(cost, 0, TOKEN_LIMITS.usd)
  if (tokensIn === null && tokensOut === null) return null
  const derived = tokenCost({ model, tokensIn: tokensIn ?? 0, tokensOut: tokensOut ?? 0 })
  return Math.min(TOKEN_LIMITS.usd, derived)
}
