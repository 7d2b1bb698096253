import { foldText, type FoldedText } from './folded.ts'
import { INJECTION_PATTERNS, type InjectionPattern } from './injection-patterns.ts'
import type { ScanSeverity, ScanWork, SecuritySummary } from './types.ts'

export interface InjectionFinding {
  pattern: string
  category: string
  severity: ScanSeverity
  /** At most twenty characters. */
  matched: string
  /** Offset in the text. */
  position: number
}

export interface InjectionScan extends SecuritySummary {
  risk_level: ScanSeverity | 'none'
  recommendation: 'allow' | 'warn' | 'block'
  findings: readonly InjectionFinding[]
}

const MATCHED = 20
/** Findings of one pattern: more of the same say nothing new. */
const MOST_FINDINGS = 20

const LEVELS: readonly ScanSeverity[] = ['critical', 'high', 'medium']

/** Finds attempts to command a model, worst first, then as they stand in the text. */
export function scanInjection(text: string, work: ScanWork = { steps: 0 }): InjectionScan {
  const folded = foldText(text)
  const plain: FoldedText = { text, at: IDENTITY }
  work.steps += text.length
  const patterns = NEEDED.test(folded.text) || NEEDED.test(text) ? INJECTION_PATTERNS : []
  const findings = patterns
    .flatMap((pattern) => found(pattern, pattern.exact === true ? plain : folded, { text, work }))
    .toSorted(
      (a, b) => LEVELS.indexOf(a.severity) - LEVELS.indexOf(b.severity) || a.position - b.position,
    )
  const level = findings[0]?.severity ?? 'none'
  return {
    clean: findings.length === 0,
    risk_level: level,
    recommendation: RECOMMENDATIONS[level],
    findings_count: findings.length,
    critical_count: findings.filter(({ severity }) => severity === 'critical').length,
    categories: [...new Set(findings.map(({ category }) => category))],
    findings,
  }
}

/** Some of this is in every text that a pattern finds something in. */
const NEEDED = new RegExp(
  [...new Set(INJECTION_PATTERNS.flatMap(({ needs }) => needs))]
    .map((need) => need.replace(/[^\p{L}\p{N}]/gu, String.raw`\$&`))
    .join('|'),
)

/** For text that was not folded: every character stands where it stands. */
const IDENTITY = new Uint32Array(0)

const RECOMMENDATIONS: Readonly<Record<InjectionScan['risk_level'], 'allow' | 'warn' | 'block'>> = {
  critical: 'block',
  high: 'warn',
  medium: 'warn',
  none: 'allow',
}

function found(
  pattern: InjectionPattern,
  searched: FoldedText,
  { text, work }: { text: string; work: ScanWork },
): InjectionFinding[] {
  const { name, category, severity, needs, expression } = pattern
  if (!needs.some((need) => searched.text.includes(need))) return []
  const findings: InjectionFinding[] = []
  expression.lastIndex = 0
  while (findings.length < MOST_FINDINGS) {
    const match = expression.exec(searched.text)
    work.steps += match?.[0].length ?? 1
    if (match === null) break
    const [start, end] = [match.index, match.index + match[0].length].map(
      (at) => searched.at[at] ?? at,
    ) as [number, number]
    const matched = text.slice(start, Math.min(end, start + MATCHED))
    findings.push({ pattern: name, category, severity, matched, position: start })
  }
  return findings
}
