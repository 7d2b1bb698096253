import type { z } from 'zod'

/** One mistake in words, and where it is. `fix` says what to do. */
export interface Complaint {
  path: PropertyKey[]
  /** Whether it is the key that is wrong, not its value. */
  atKey: boolean
  text: string
  fix: string
  showValue: boolean
  /** What is told first: 0 a dangerous wish that is refused, 1 a slip, 2 a missing key (often the other half of a slip). */
  rank: 0 | 1 | 2
}

type Issue = z.core.$ZodIssue

/** What a schema found wrong, told as a person would tell it. `value` is what was checked, as a whole. */
export function complaintOf(issue: Issue, schema: z.ZodType, value: unknown): Complaint {
  const base = {
    path: issue.path,
    atKey: false,
    showValue: true,
    rank: 1 as const,
    fix: 'Change this value.',
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKey(issue, schema)
    case 'invalid_value':
      return { ...base, ...wrongValue(issue, value) }
    case 'invalid_type':
      return { ...base, ...wrongType(issue, value) }
    case 'too_big':
      return { ...base, text: `${size(issue.origin)} must be at most ${issue.maximum}` }
    case 'too_small':
      return { ...base, text: `${size(issue.origin)} must be at least ${issue.minimum}` }
    case 'invalid_union':
      return union(issue, schema, value)
    case 'invalid_key':
      return {
        ...base,
        atKey: true,
        showValue: false,
        text: `this key cannot be used: ${issue.issues[0]?.message ?? issue.message}`,
        fix: 'Rename or remove it.',
      }
    case 'custom':
      return { ...base, ...custom(issue) }
    default:
      return { ...base, text: issue.message }
  }
}

/** The one of `known` that `word` was most likely meant to be, or undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plainWord = squash(word)
  let best: string | undefined
  let distance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    if (plainWord.length > 2 && squash(candidate).startsWith(plainWord)) return candidate
    const d = edits(plainWord, squash(candidate))
    if (d < distance) {
      best = candidate
      distance = d
    }
  }
  return best
}

function unknownKey(issue: Issue & { code: 'unrecognized_keys' }, schema: z.ZodType): Complaint {
  const key = issue.keys[0] ?? ''
  const known = keysAt(schema, issue.path)
  const near = nearest(key, known)
  return {
    path: [...issue.path, key],
    atKey: true,
    showValue: false,
    rank: 1,
    text:
      near === undefined ? 'this key is not known' : `this key is not known; did you mean ${near}?`,
    fix: known.length === 0 ? 'Remove it.' : `Known keys here: ${known.join(', ')}.`,
  }
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  null: 'nothing',
}

function wrongValue(
  issue: Issue & { code: 'invalid_value' },
  value: unknown,
): Pick<Complaint, 'text' | 'fix'> & Partial<Complaint> {
  const fix = `Allowed: ${list(issue.values)}.`
  return absent(value, issue.path)
    ? { text: 'this key is missing', fix, showValue: false, rank: 2 }
    : { text: 'this value is not known', fix }
}

function wrongType(
  issue: Issue & { code: 'invalid_type' },
  value: unknown,
): Pick<Complaint, 'text' | 'fix' | 'showValue' | 'rank'> {
  const want = KINDS[issue.expected] ?? issue.expected
  if (absent(value, issue.path))
    return {
      text: 'this key is missing',
      fix: `Add it; it holds ${want}.`,
      showValue: false,
      rank: 2,
    }
  return { text: `this must be ${want}`, fix: `Write ${want} here.`, showValue: true, rank: 1 }
}

/** A union's complaint is that of the branch which got furthest; values that no branch knows are all listed. */
function union(
  issue: Issue & { code: 'invalid_union' },
  schema: z.ZodType,
  value: unknown,
): Complaint {
  const inner = issue.errors
    .flat()
    .map((it) => complaintOf({ ...it, path: [...issue.path, ...it.path] }, schema, value))
  const deepest = inner.toSorted((a, b) => b.path.length - a.path.length)[0]
  if (deepest !== undefined && deepest.path.length > issue.path.length) return deepest
  const fixes = [...new Set(inner.map((it) => it.fix))]
  const options =
    'options' in issue && Array.isArray(issue.options) ? [`Allowed: ${list(issue.options)}.`] : []
  return {
    path: issue.path,
    atKey: false,
    showValue: true,
    rank: 1,
    text: 'this value fits none of the allowed forms',
    fix: [...options, ...fixes].join(' Or: ') || 'Change this value.',
  }
}

/** A check of ours may bring along `fix`, `atKey` and `refusal`. */
function custom(
  issue: Issue & { code: 'custom' },
): Pick<Complaint, 'text' | 'fix' | 'atKey' | 'showValue' | 'rank'> {
  const { fix, atKey, refusal } = issue.params ?? {}
  return {
    text: issue.message,
    fix: typeof fix === 'string' ? fix : 'Change this value.',
    atKey: atKey === true,
    showValue: atKey !== true,
    rank: refusal === true ? 0 : 1,
  }
}

/** The keys that a schema knows at a path; none where it takes any. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: unknown = schema
  for (const step of path) {
    const def = bare(here)
    here = def?.shape?.[String(step)] ?? def?.element ?? def?.valueType
  }
  return Object.keys(bare(here)?.shape ?? {})
}

interface AnyDef {
  type: string
  shape?: Record<string, unknown>
  element?: unknown
  valueType?: unknown
  innerType?: unknown
  out?: unknown
}

/** A schema's definition without what is wrapped around it (optional, default, pipe). */
function bare(schema: unknown): AnyDef | undefined {
  let def = (schema as { def?: AnyDef } | undefined)?.def
  while (def !== undefined && (def.innerType ?? def.out) !== undefined)
    def = ((def.innerType ?? def.out) as { def?: AnyDef }).def
  return def
}

function absent(value: unknown, path: readonly PropertyKey[]): boolean {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return true
    here = (here as Record<PropertyKey, unknown>)[step]
  }
  return here === undefined
}

function size(origin: string): string {
  if (origin === 'string') return 'the length of this text'
  return origin === 'array' || origin === 'set' || origin === 'map'
    ? 'the number of entries'
    : 'this number'
}

function list(values: readonly unknown[]): string {
  return values.map(String).join(', ')
}

function squash(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[-_ .]/g, '')
}

/** Levenshtein distance, one row at a time. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
