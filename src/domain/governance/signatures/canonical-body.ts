/**
 * The canonical JSON of a request's body, as different languages write what they sign: from the raw
 * text, because a number that was parsed has lost how it was written (`1.0`, `1e-07`).
 */

/** A number as it stands in the body. */
class NumberLexeme {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

type ParsedBody =
  | null
  | boolean
  | string
  | NumberLexeme
  | readonly ParsedBody[]
  | { readonly [key: string]: ParsedBody }

/** How keys are put in order, and how numbers are written. */
interface Spelling {
  keys: 'code-points' | 'utf-16'
  /** Keys that are all numbers: in the order of numbers, as Python sorts them before it writes. */
  numericKeys: boolean
  numbers: 'as-sent' | 'javascript'
}

const SPELLINGS: readonly Spelling[] = (['as-sent', 'javascript'] as const).flatMap((numbers) =>
  [false, true].flatMap((numericKeys) =>
    (['code-points', 'utf-16'] as const).map((keys) => ({ keys, numericKeys, numbers })),
  ),
)

const SIGNATURE_KEY = '_signature'
const MAX_DEPTH = 100

/**
 * Every text that may have been signed of a body, each once and the likeliest first: without its
 * signature, keys in order, nothing between tokens, other letters than ASCII as they are.
 */
export function canonicalBodies(raw: string): readonly string[] | { problem: string } {
  const body = parsedBody(raw)
  if (body === undefined) return { problem: 'the body is no JSON text' }
  if (!isObject(body)) return { problem: 'the body is no JSON object' }
  const { [SIGNATURE_KEY]: _signature, ...signed } = body
  try {
    return [...new Set(SPELLINGS.map((spelling) => written(signed, spelling, 0)))]
  } catch (thrown) {
    if (thrown instanceof RangeError) return { problem: 'the body is nested too deeply' }
    throw thrown
  }
}

function parsedBody(raw: string): ParsedBody | undefined {
  const keepNumbers = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new NumberLexeme(context?.source ?? String(value)) : value
  try {
    return JSON.parse(raw, keepNumbers) as ParsedBody
  } catch {
    return undefined
  }
}

function isObject(value: ParsedBody): value is { readonly [key: string]: ParsedBody } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberLexeme)
  )
}

function written(value: ParsedBody, spelling: Spelling, depth: number): string {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply')
  if (value instanceof NumberLexeme)
    return spelling.numbers === 'as-sent' ? value.source : JSON.stringify(Number(value.source))
  if (Array.isArray(value))
    return `[${value.map((each: ParsedBody) => written(each, spelling, depth + 1)).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const pairs = sortedKeys(Object.keys(value), spelling).map(
    (key) => `${JSON.stringify(key)}:${written(value[key] ?? null, spelling, depth + 1)}`,
  )
  return `{${pairs.join(',')}}`
}

const NUMBER_KEY = /^-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:e[+-]\d{1,3})?$/

function sortedKeys(keys: readonly string[], { keys: order, numericKeys }: Spelling): string[] {
  if (numericKeys && keys.every((key) => NUMBER_KEY.test(key)))
    return keys.toSorted((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
  return order === 'utf-16' ? keys.toSorted() : keys.toSorted(byCodePoints)
}

function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (one !== other) return surrogatesLast(one) - surrogatesLast(other)
  }
  return a.length - b.length
}

/** Characters beyond the first 65,536 are written with surrogates, and come after all others. */
function surrogatesLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
