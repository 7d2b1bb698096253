import type { z } from 'zod'
import { nearest } from '../base/nearest.ts'

/** One mistake in a YAML file, in words, and where it is. `fix` says what to do. */
export interface Mistake {
  path: PropertyKey[]
  /** Whether the key is wrong, rather than its value. */
  atKey: boolean
  text: string
  fix: string
  showValue: boolean
  /**
   * Lower ranks are reported first: 0 a refused dangerous setting, 1 a wrong key or value, 2 a
   * missing key (often the other half of a misspelt one).
   */
  rank: 0 | 1 | 2
}

type Issue = z.core.$ZodIssue

/** Explains an issue that a schema found. `value` is the whole value that was checked. */
export function mistakeOf(issue: Issue, schema: z.ZodType, value: unknown): Mistake {
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

function unknownKey(issue: Issue & { code: 'unrecognized_keys' }, schema: z.ZodType): Mistake {
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

const TYPE_NAMES: Record<string, string> = {
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
): Pick<Mistake, 'text' | 'fix'> & Partial<Mistake> {
  const fix = `Allowed: ${list(issue.values)}.`
  return isMissing(value, issue.path)
    ? { text: 'this key is missing', fix, showValue: false, rank: 2 }
    : { text: 'this value is not known', fix }
}

function wrongType(
  issue: Issue & { code: 'invalid_type' },
  value: unknown,
): Pick<Mistake, 'text' | 'fix' | 'showValue' | 'rank'> {
  const want = TYPE_NAMES[issue.expected] ?? issue.expected
  if (isMissing(value, issue.path))
    return {
      text: 'this key is missing',
      fix: `Add it; its value is ${want}.`,
      showValue: false,
      rank: 2,
    }
  return { text: `this must be ${want}`, fix: `Write ${want} here.`, showValue: true, rank: 1 }
}

/**
 * Of a union, reports the mistake of the branch that matched furthest, or else what every branch
 * allows.
 */
function union(
  issue: Issue & { code: 'invalid_union' },
  schema: z.ZodType,
  value: unknown,
): Mistake {
  const inner = issue.errors
    .flat()
    .map((it) => mistakeOf({ ...it, path: [...issue.path, ...it.path] }, schema, value))
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

/** Our own checks may set `fix`, `atKey` and `refusal` in the params. */
function custom(
  issue: Issue & { code: 'custom' },
): Pick<Mistake, 'text' | 'fix' | 'atKey' | 'showValue' | 'rank'> {
  const { fix, atKey, refusal } = issue.params ?? {}
  return {
    text: issue.message,
    fix: typeof fix === 'string' ? fix : 'Change this value.',
    atKey: atKey === true,
    showValue: atKey !== true,
    rank: refusal === true ? 0 : 1,
  }
}

/** The keys that a schema knows at a path; empty where it accepts any key. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: unknown = schema
  for (const step of path) {
    const def = unwrapped(here)
    here = def?.shape?.[String(step)] ?? def?.element ?? def?.valueType
  }
  return Object.keys(unwrapped(here)?.shape ?? {})
}

interface AnyDef {
  type: string
  shape?: Record<string, unknown>
  element?: unknown
  valueType?: unknown
  innerType?: unknown
  out?: unknown
}

/** A schema's definition without its wrappers (optional, default, pipe). */
function unwrapped(schema: unknown): AnyDef | undefined {
  let def = (schema as { def?: AnyDef } | undefined)?.def
  while (def !== undefined && (def.innerType ?? def.out) !== undefined)
    def = ((def.innerType ?? def.out) as { def?: AnyDef }).def
  return def
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
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
