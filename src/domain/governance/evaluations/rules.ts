import type { RE2JS } from 're2js'
import { meanOf, roundTo } from '../statistics.ts'
import { atPath } from '../scoring/values.ts'

/** Something that finds a pattern in a text, in time that grows linearly with the text. */
export interface TextPattern {
  test(text: string): boolean
}

/** What a scorer goes by, with defaults filled in. */
export type ScorerSettings =
  | { type: 'regex'; pattern: TextPattern }
  | { type: 'contains'; keywords: readonly string[]; mode: 'any' | 'all' }
  | { type: 'numeric_range'; field: string; min: number; max: number }
  /** Needs a model, which is asked elsewhere. */
  | { type: 'llm_judge' }

export type ReadScorer = { settings: ScorerSettings } | { problem: string }

type PatternEngine = Pick<typeof RE2JS, 'compile' | 'CASE_INSENSITIVE' | 'DOTALL' | 'MULTILINE'>

const MAX_PATTERN = 512
/** The time that a search takes grows with both the text and the instructions of the pattern. */
const MAX_INSTRUCTIONS = 256

/** Reads a scorer. Its pattern is compiled by an engine that never backtracks. */
export function readScorer(
  type: string,
  config: Readonly<Record<string, unknown>> | null,
  engine: PatternEngine,
): ReadScorer {
  const given = config ?? {}
  switch (type) {
    case 'regex':
      return regexScorer(given, engine)
    case 'contains':
      return containsScorer(given)
    case 'numeric_range':
      return rangeScorer(given)
    case 'llm_judge':
      return { settings: { type: 'llm_judge' } }
    case 'custom_function':
      return {
        problem:
          'custom_function is not supported: code of a request is never run. Use regex, contains, numeric_range or llm_judge.',
      }
    default:
      return { problem: `scorer_type ${JSON.stringify(type.slice(0, 40))} is unknown` }
  }
}

function regexScorer(config: Readonly<Record<string, unknown>>, engine: PatternEngine): ReadScorer {
  const { pattern, flags = 'i' } = config
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > MAX_PATTERN)
    return { problem: `config.pattern must be text of 1 to ${MAX_PATTERN} characters` }
  if (typeof flags !== 'string' || !/^[imsgu]{0,5}$/.test(flags))
    return { problem: 'config.flags may hold i, m and s' }
  const compiled = compiledPattern(pattern, flags, engine)
  return 'problem' in compiled
    ? { problem: `config.pattern: ${compiled.problem}` }
    : { settings: { type: 'regex', pattern: compiled } }
}

function compiledPattern(
  pattern: string,
  flags: string,
  engine: PatternEngine,
): TextPattern | { problem: string } {
  const bits = [
    flags.includes('i') ? engine.CASE_INSENSITIVE : 0,
    flags.includes('m') ? engine.MULTILINE : 0,
    flags.includes('s') ? engine.DOTALL : 0,
  ]
  try {
    const compiled = engine.compile(
      pattern,
      bits.reduce((all, bit) => all | bit, 0),
    )
    const size = compiled.programSize()
    return size > MAX_INSTRUCTIONS
      ? { problem: `it needs ${size} instructions, of at most ${MAX_INSTRUCTIONS}: repeat less` }
      : { test: (text) => compiled.test(text) }
  } catch (thrown) {
    return { problem: thrown instanceof Error ? thrown.message : 'invalid' }
  }
}

function containsScorer({ keywords, mode = 'any' }: Readonly<Record<string, unknown>>): ReadScorer {
  const words = Array.isArray(keywords) ? keywords.filter((each) => typeof each === 'string') : []
  if (words.length === 0) return { problem: 'config.keywords must be a list of texts' }
  if (mode !== 'any' && mode !== 'all') return { problem: 'config.mode must be any or all' }
  return { settings: { type: 'contains', keywords: words, mode } }
}

function rangeScorer(config: Readonly<Record<string, unknown>>): ReadScorer {
  const { field = 'risk_score', min = -Infinity, max = Infinity } = config
  if (typeof field !== 'string') return { problem: 'config.field must be text' }
  if (typeof min !== 'number' || typeof max !== 'number' || min > max)
    return { problem: 'config.min and config.max must be numbers, min not over max' }
  return { settings: { type: 'numeric_range', field, min, max } }
}

/** Characters of an action's texts that are looked at. */
const MAX_TEXT = 8192

/** The texts of an action that scorers look at. */
export function scoredText(action: Readonly<Record<string, unknown>>): string {
  return ['declared_goal', 'output_summary', 'error_message']
    .map((key) => action[key])
    .filter((text) => typeof text === 'string')
    .join('\n')
    .slice(0, MAX_TEXT)
}

/** A score from 0 to 1 and its label; null where the action has no such value. */
export function scoreAction(
  settings: Exclude<ScorerSettings, { type: 'llm_judge' }>,
  action: Readonly<Record<string, unknown>>,
): { score: number; label: string } | null {
  switch (settings.type) {
    case 'regex':
      return yesOrNo(settings.pattern.test(scoredText(action)), 'match')
    case 'contains': {
      const text = scoredText(action).toLowerCase()
      const has = (word: string) => text.includes(word.toLowerCase())
      const { keywords, mode } = settings
      return yesOrNo(mode === 'all' ? keywords.every(has) : keywords.some(has), 'match')
    }
    case 'numeric_range': {
      const value = atPath(action, settings.field)
      if (typeof value !== 'number') return null
      return yesOrNo(value >= settings.min && value <= settings.max, 'in_range')
    }
  }
}

function yesOrNo(yes: boolean, label: string): { score: number; label: string } {
  return yes ? { score: 1, label } : { score: 0, label: `no_${label}` }
}

export const EVALUATION_RUN_LIMIT = 500

const BUCKETS = [
  { bucket: 'excellent', from: 0.8 },
  { bucket: 'acceptable', from: 0.5 },
  { bucket: 'poor', from: -Infinity },
] as const
export type ScoreBucket = (typeof BUCKETS)[number]['bucket']

export const SCORE_BUCKETS: readonly ScoreBucket[] = BUCKETS.map(({ bucket }) => bucket)

/** How good a score from 0 to 1 is. */
export function scoreBucket(score: number): ScoreBucket {
  return BUCKETS.find(({ from }) => score >= from)?.bucket ?? 'poor'
}

/** How scores are distributed, best first. Buckets without scores are left out. */
export function scoreDistribution(
  scores: readonly number[],
): { bucket: ScoreBucket; count: number; avg_score: number }[] {
  return BUCKETS.flatMap(({ bucket }) => {
    const inside = scores.filter((score) => scoreBucket(score) === bucket)
    return inside.length === 0
      ? []
      : [{ bucket, count: inside.length, avg_score: roundTo(meanOf(inside), 4) }]
  })
}
