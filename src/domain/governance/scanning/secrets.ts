import { SECRET_PATTERNS, type SecretPattern } from './secret-patterns.ts'
import type { ScanSeverity, ScanWork, SecuritySummary } from './types.ts'

/** A secret that was found, without the secret. */
export interface SecretFinding {
  pattern: string
  category: string
  severity: ScanSeverity
  /** Its first eight characters. */
  preview: string
}

export interface SecretScan extends SecuritySummary {
  findings: readonly SecretFinding[]
  redacted_text: string
}

interface Span {
  start: number
  end: number
  pattern: SecretPattern
}

const PREVIEW = 8
const NAMES = [...new Set(SECRET_PATTERNS.map(({ name }) => name))].join('|')
const MARKER = new RegExp(`\\[REDACTED:(?:${NAMES})\\]`, 'g')

/** In lower case, some of this is in every text that has a secret. */
const NEEDED = new RegExp([...new Set(SECRET_PATTERNS.flatMap(({ needs }) => needs))].join('|'))

/**
 * Finds secrets, and puts `[REDACTED:<pattern>]` in their place. Secrets that overlap are one,
 * named by the worst. What was redacted before is not looked into, and separates what is around
 * it: so that redacting twice changes nothing.
 */
export function scanSecrets(text: string, work: ScanWork = { steps: 0 }): SecretScan {
  const parts: string[] = []
  const findings: SecretFinding[] = []
  const redactPiece = (from: number, to: number) => {
    const piece = text.slice(from, to)
    let at = 0
    for (const { start, end, pattern } of joined(spansIn(piece, work))) {
      parts.push(piece.slice(at, start), `[REDACTED:${pattern.name}]`)
      findings.push(findingOf(piece.slice(start, end), pattern))
      at = end
    }
    parts.push(piece.slice(at))
  }
  let from = 0
  for (const marker of text.matchAll(MARKER)) {
    redactPiece(from, marker.index)
    parts.push(marker[0])
    from = marker.index + marker[0].length
  }
  redactPiece(from, text.length)
  return {
    ...summary(findings),
    findings,
    redacted_text: findings.length === 0 ? text : parts.join(''),
  }
}

function spansIn(text: string, work: ScanWork): Span[] {
  if (text === '') return []
  const lower = text.toLowerCase()
  return SECRET_PATTERNS.filter(({ needs }) => needs.some((need) => lower.includes(need))).flatMap(
    (pattern) => spansOf(pattern, text, work),
  )
}

function spansOf(pattern: SecretPattern, text: string, work: ScanWork): Span[] {
  const { head, tail } = pattern
  const spans: Span[] = []
  head.lastIndex = 0
  for (let found = head.exec(text); found !== null; found = head.exec(text)) {
    const at = head.lastIndex
    const { end, fits } = tail(text, at)
    work.steps += 1 + end - found.index
    if (fits) spans.push({ start: found.index, end, pattern })
    head.lastIndex = Math.max(at, end)
  }
  return spans
}

const GRAVITY: Readonly<Record<ScanSeverity, number>> = { critical: 0, high: 1, medium: 2 }

/** Spans in order, with those that overlap made one. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1)
    if (last === undefined || span.start >= last.end) {
      all.push({ ...span })
      continue
    }
    last.end = Math.max(last.end, span.end)
    if (GRAVITY[span.pattern.severity] < GRAVITY[last.pattern.severity]) last.pattern = span.pattern
  }
  return all
}

function findingOf(secret: string, { name, category, severity }: SecretPattern): SecretFinding {
  return { pattern: name, category, severity, preview: `${secret.slice(0, PREVIEW)}***` }
}

function summary(findings: readonly SecretFinding[]): SecuritySummary {
  return {
    clean: findings.length === 0,
    findings_count: findings.length,
    critical_count: findings.filter(({ severity }) => severity === 'critical').length,
    categories: [...new Set(findings.map(({ category }) => category))],
  }
}

const MAX_DEPTH = 64

/** A value of a request with every text and key in it redacted, and what was found in all. */
export function redactDeep<T>(value: T): { value: T; security: SecuritySummary } {
  if (hasNone(value, 0)) return { value, security: summary([]) }
  const findings: SecretFinding[] = []
  const redacted = walked(value, 0, (text) => {
    const scan = scanSecrets(text)
    findings.push(...scan.findings)
    return scan.redacted_text
  })
  return { value: redacted as T, security: summary(findings) }
}

/** Whether no text of a value can have a secret. Most have none, and need no copy. */
function hasNone(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !NEEDED.test(value.toLowerCase())
  if (typeof value !== 'object' || value === null) return true
  if (depth >= MAX_DEPTH) return false
  for (const key in value)
    if (!hasNone(key, depth) || !hasNone((value as Record<string, unknown>)[key], depth + 1))
      return false
  return true
}

function walked(value: unknown, depth: number, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  // Nothing that a person would read lies so deep.
  if (depth >= MAX_DEPTH) return null
  if (Array.isArray(value)) return value.map((each) => walked(each, depth + 1, redact))
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [redact(key), walked(each, depth + 1, redact)]),
  )
}
