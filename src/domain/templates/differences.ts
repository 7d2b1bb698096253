import { plain } from '../../base/text.ts'

/** One changed value, in words: `limits.pids = 512`. */
interface ValueDifference {
  from: string
  to: string
}

const MAX_DIFFERENCES = 8
const MAX_DEPTH = 12

/**
 * How two JSON values differ, key by key: at most eight differences, the last of which then counts
 * the rest.
 */
export function differences(from: unknown, to: unknown, path = ''): ValueDifference[] {
  const all = [...walk(from, to, path, 0)]
  if (all.length <= MAX_DIFFERENCES) return all
  return [
    ...all.slice(0, MAX_DIFFERENCES - 1),
    { from: `${all.length - MAX_DIFFERENCES + 1} more values`, to: 'are different' },
  ]
}

function* walk(
  from: unknown,
  to: unknown,
  path: string,
  depth: number,
): Generator<ValueDifference> {
  if (Object.is(from, to)) return
  const comparable =
    isObject(from) && isObject(to) && Array.isArray(from) === Array.isArray(to) && depth < MAX_DEPTH
  if (!comparable) {
    yield { from: described(path, from), to: described(path, to) }
    return
  }
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
    yield* walk(own(from, key), own(to, key), path === '' ? key : `${path}.${key}`, depth + 1)
}

type JsonObject = Record<string, unknown>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}

function own(value: JsonObject, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function described(path: string, value: unknown): string {
  const name = plain(path === '' ? 'the whole value' : path, 120)
  return value === undefined ? `${name} is absent` : `${name} = ${plain(shortJson(value), 120)}`
}

function shortJson(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value)
  return Array.isArray(value)
    ? `a list of ${value.length}`
    : `{${Object.keys(value).slice(0, 5).join(', ')}}`
}
