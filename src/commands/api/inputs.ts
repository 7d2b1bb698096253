import * as z from 'zod'

/**
 * An object of the wire: null is as if it were left out, names in camelCase stand for those with
 * underscores, and what is not known is ignored.
 */
export function fields<S extends z.ZodRawShape>(shape: S) {
  const names = new Map<string, string>()
  for (const name of Object.keys(shape)) names.set(camel(name), name)
  for (const name of Object.keys(shape)) names.set(name, name)
  return z.preprocess((given) => tidy(given, names), z.object(shape))
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** `names`: of each field, as it is written and as it is called. */
function tidy(given: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const fields = given as Readonly<Record<string, unknown>>
  const known: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    const name = names.get(key)
    if (name === undefined || value === null || value === undefined) continue
    // The own name of a field counts before the other one.
    if (name === key || !Object.hasOwn(known, name)) known[name] = value
  }
  return known
}

/** Text of at most so many characters. */
export const text = (max: number) => z.string().max(max)
/** Text that says something. */
export const someText = (max: number) => z.string().trim().min(1).max(max)
export const AgentId = someText(128)
/** A whole number from 0 to 100. */
export const Score = z.int().min(0).max(100)
/** A yes or no, also as a query spells it. */
export const YesNo = z.preprocess((given) => {
  if (typeof given === 'number') return given !== 0
  if (typeof given !== 'string') return given
  const word = given.toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : given
}, z.boolean())
/** A number, also as a query spells it. */
export const Num = z.preprocess(
  (given) => (typeof given === 'string' && given.trim() !== '' ? Number(given) : given),
  z.number(),
)
/** Any JSON that is not too large. */
export const json = (maxBytes: number) =>
  z.unknown().refine((value) => JSON.stringify(value ?? null).length <= maxBytes, {
    error: `must be at most ${maxBytes} characters as JSON`,
  })
export const texts = (most: number, max: number) => z.array(text(max)).max(most)

/** A number in bounds; what lies outside of them is brought inside. */
export function clamped(low: number, high: number, usual: number) {
  return z
    .preprocess(
      (given) => {
        const n = Number(given)
        if (given === undefined || Number.isNaN(n)) return usual
        return Math.trunc(Math.min(high, Math.max(low, n)))
      },
      z.number().meta({ minimum: low, maximum: high, default: usual }),
    )
    .optional()
    .transform((n) => n ?? usual)
}

/** The page of a list: at most so many rows, and so many unless asked otherwise. */
export function paged(most: number, usual: number) {
  return { limit: clamped(1, most, usual), offset: clamped(0, 1_000_000_000, 0) }
}

/** An ISO 8601 time. */
export const Time = z
  .string()
  .max(40)
  .refine((at) => !Number.isNaN(Date.parse(at)), {
    error: 'must be a time such as 2026-01-31T12:00:00Z',
  })
