import { isRecord } from './arguments.ts'

/** Tokens of one call to a model. */
export interface ModelUsage {
  tokensIn: number | undefined
  tokensOut: number | undefined
  model: string | undefined
}

/**
 * Tokens in an answer of a model, or in one event of its stream, as OpenAI (chat, responses,
 * embeddings) and Anthropic write them. Tokens that came out of a cache count as input, with both.
 */
export function usageIn(part: unknown): ModelUsage | undefined {
  if (!isRecord(part)) return undefined
  // Anthropic's `message_start` and OpenAI's `response.completed` hold the answer inside.
  const inner = [part['message'], part['response']].find(isRecord)
  const usage = [part['usage'], inner?.['usage']].find(isRecord)
  const model = textOf(part['model']) ?? textOf(inner?.['model'])
  if (usage === undefined) return undefined
  const cached = ['cache_creation_input_tokens', 'cache_read_input_tokens'].map(
    (name) => countOf(usage[name]) ?? 0,
  )
  const input = countOf(usage['input_tokens'])
  return {
    tokensIn:
      countOf(usage['prompt_tokens']) ??
      (input === undefined ? undefined : cached.reduce((sum, tokens) => sum + tokens, input)),
    tokensOut: countOf(usage['completion_tokens']) ?? countOf(usage['output_tokens']),
    model,
  }
}

/** Counts in a stream are totals so far: the last one counts. */
export function laterUsage(
  before: ModelUsage | undefined,
  now: ModelUsage | undefined,
): ModelUsage | undefined {
  if (before === undefined || now === undefined) return now ?? before
  return {
    tokensIn: now.tokensIn ?? before.tokensIn,
    tokensOut: now.tokensOut ?? before.tokensOut,
    model: now.model ?? before.model,
  }
}

export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
