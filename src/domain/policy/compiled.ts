import { glob, globOf } from '../../base/glob.ts'
import { matchesSafely, matchesStrictly, type Spellings } from './match.ts'
import type { OperatorPolicy } from './types.ts'

/** The operator's policies, by type and by how their target begins, so that most are never looked at. */
export interface CompiledPolicies {
  readonly all: readonly OperatorPolicy[]
  /** Every policy that matches, in the order they were written. */
  matching(about: { spellings: Spellings; agent: string; template: string; risk: number }): OperatorPolicy[]
}

interface Row { policy: OperatorPolicy; order: number; strict: boolean; test: ReturnType<typeof globOf> }
/** Rows by the literal beginning of their target. */
interface Bucket { byStart: Map<string, Row[]>; lengths: number[] }

/** Longer beginnings are cut: this bounds the look-ups for each question. */
const LONGEST_START = 48
const ANY_TYPE = '*'

export function compilePolicies(policies: readonly OperatorPolicy[]): CompiledPolicies {
  const buckets = new Map<string, Bucket>()
  policies.forEach((policy, order) => {
    const type = policy.type ?? ANY_TYPE
    const bucket = buckets.get(type) ?? { byStart: new Map<string, Row[]>(), lengths: [] }
    buckets.set(type, bucket)
    const start = literalStart(policy.target ?? '*')
    const rows = bucket.byStart.get(start) ?? []
    bucket.byStart.set(start, rows)
    rows.push({ policy, order, strict: policy.effect === 'block' || policy.effect === 'ask', test: globOf(policy.target ?? '*') })
    if (!bucket.lengths.includes(start.length)) bucket.lengths.push(start.length)
  })
  return {
    all: policies,
    matching(about) {
      const near = new Set<Row>()
      for (const type of [about.spellings.action.type, ANY_TYPE]) {
        const bucket = buckets.get(type)
        if (bucket !== undefined) collect(bucket, about.spellings.strict, near)
      }
      return [...near].filter((row) => applies(row, about)).toSorted((a, b) => a.order - b.order).map((row) => row.policy)
    },
  }
}

/** The rows whose target begins as one of the spellings does. */
function collect(bucket: Bucket, strict: readonly string[], near: Set<Row>): void {
  for (const spelling of strict) {
    for (const length of bucket.lengths) {
      if (length > spelling.length) continue
      for (const row of bucket.byStart.get(spelling.slice(0, length)) ?? []) near.add(row)
    }
  }
}

function applies({ policy, strict, test }: Row, { spellings, agent, template, risk }: Parameters<CompiledPolicies['matching']>[0]): boolean {
  if (risk < (policy.riskAtLeast ?? 0) || risk > (policy.riskAtMost ?? 100)) return false
  if (policy.agent !== undefined && !glob(policy.agent, agent)) return false
  if (policy.template !== undefined && !glob(policy.template, template)) return false
  if (policy.target === undefined) return true
  return strict ? matchesStrictly(policy.target, spellings, test) : matchesSafely(policy.target, spellings.action, test)
}

function literalStart(pattern: string): string {
  let text = ''
  for (let i = 0; i < pattern.length && text.length < LONGEST_START; i++) {
    const char = pattern[i] as string
    if (char === '*' || char === '?') break
    text += char === '\\' && i + 1 < pattern.length ? pattern[++i] as string : char
  }
  return text
}
