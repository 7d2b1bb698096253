import { plain } from '../../base/text.ts'

/** One value that is not what it was, in words: `limits.pids = 512`. */
export interface Difference {
  from: string
  to: string
}

const MOST = 8
const DEEPEST = 12

/** How two JSON values differ, key by key; at most eight, of which the last then says how many more there are. */
export function differences(from: unknown, to: unknown, at = ''): Difference[] {
  const all: Difference[] = []
  collect(from, to, at, 0, all)
  if (all.length <= MOST) return all
  return [
    ...all.slice(0, MOST - 1),
    { from: `${all.length - MOST + 1} more values`, to: 'are different' },
  ]
}

function collect(from: unknown, to: unknown, at: string, depth: number, into: Difference[]): void {
  if (Object.is(from, to)) return
  if (
    depth < DEEPEST &&
    isBranch(from) &&
    isBranch(to) &&
    Array.isArray(from) === Array.isArray(to)
  ) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)])
    for (const key of keys)
      collect(own(from, key), own(to, key), at === '' ? key : `${at}.${key}`, depth + 1, into)
    return
  }
  into.push({ from: said(at, from), to: said(at, to) })
}

type Branch = Record<string, unknown>

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null
}

function own(value: Branch, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function said(at: string, value: unknown): string {
  const name = plain(at === '' ? 'all of it' : at, 120)
  return value === undefined ? `${name} is absent` : `${name} = ${plain(shortJson(value), 120)}`
}

function shortJson(value: unknown): string {
  if (!isBranch(value)) return JSON.stringify(value)
  return Array.isArray(value)
    ? `a list of ${value.length}`
    : `{${Object.keys(value).slice(0, 5).join(', ')}}`
}
