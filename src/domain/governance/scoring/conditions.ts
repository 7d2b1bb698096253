import { atPath, numericValue, textValue } from './values.ts'

const OPERATORS = ['==', '!=', '>=', '<=', '>', '<', 'contains'] as const
type Operator = (typeof OPERATORS)[number]

/** A condition on an action: what stands at a path, compared with a literal. */
export interface RiskCondition {
  path: string
  operator: Operator
  literal: string | number | boolean | null
}

const MAX_CONDITION = 500
const SHAPE =
  /^([A-Za-z_][\w-]{0,99}(?:\.[\w-]{1,100}){0,9})\s{0,9}(==|!=|>=|<=|>|<|contains\s)(.+)$/s

/**
 * Reads `<dotted.path> <op> <literal>`: op is one of == != >= <= > < contains, the literal a quoted
 * text, a number, true, false or null.
 */
export function readCondition(text: string): RiskCondition | { problem: string } {
  const match = text.length > MAX_CONDITION ? null : SHAPE.exec(text.trim())
  if (match === null)
    return { problem: `a condition is written <path> <${OPERATORS.join(' ')}> <literal>` }
  const [, path, operator, rest] = match as unknown as [string, string, string, string]
  const literal = readLiteral(rest.trim())
  if (literal === undefined)
    return { problem: 'the literal must be a quoted text, a number, true, false or null' }
  return { path, operator: operator.trim() as Operator, literal: literal.value }
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

function readLiteral(text: string): { value: RiskCondition['literal'] } | undefined {
  const word = WORDS.get(text)
  if (word !== undefined) return { value: word }
  const quoted = /^(["'])(.*)\1$/s.exec(text)
  if (quoted !== null) return { value: quoted[2] ?? '' }
  return /^-?\d{1,30}(?:\.\d{1,30})?$/.test(text) ? { value: Number(text) } : undefined
}

/** Whether a condition holds. `==` and `!=` compare texts; what is missing is null. */
export function conditionHolds(condition: RiskCondition, action: unknown): boolean {
  const { operator, literal } = condition
  const value = atPath(action, condition.path) ?? null
  switch (operator) {
    case '==':
      return textValue(value) === String(literal)
    case '!=':
      return textValue(value) !== String(literal)
    case 'contains':
      return containsLiteral(value, String(literal))
    default:
      return compared(operator, numericValue(value), numericValue(literal))
  }
}

function containsLiteral(value: unknown, literal: string): boolean {
  if (Array.isArray(value)) return value.some((each) => textValue(each) === literal)
  return value !== null && (textValue(value)?.includes(literal) ?? false)
}

function compared(operator: '>=' | '<=' | '>' | '<', value: number, limit: number): boolean {
  if (operator === '>=') return value >= limit
  if (operator === '<=') return value <= limit
  return operator === '>' ? value > limit : value < limit
}
