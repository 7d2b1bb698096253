import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { compilePolicies, type CompiledPolicies } from '../matching/compiled.ts'
import { normalise, plainQuestion } from '../normalise.ts'
import { viewOf } from '../matching/view.ts'
import { coversAll } from '../matching/permission.ts'
import { assessRisk } from '../risk/risk.ts'
import type { PackCase } from '../file/schema.ts'
import type { OperatorPolicy } from '../types.ts'

/** A failing case of a pack: its index, what was expected, and the result. */
export interface FailingCase {
  at: number
  text: string
}

const STRICTEST = ['block', 'ask', 'warn', 'allow'] as const

/** Runs the cases on the pack's policies alone. Returns the first that fails. */
export function firstFailingCase(
  policies: readonly OperatorPolicy[],
  cases: readonly PackCase[],
): FailingCase | undefined {
  const compiled = compilePolicies(policies)
  for (const [at, one] of cases.entries()) {
    const text = failureOf(compiled, one)
    if (text !== undefined)
      return { at, text: `the case ${one.type} \`${plain(one.ask, 120)}\` ${text}` }
  }
  return undefined
}

function failureOf(compiled: CompiledPolicies, one: PackCase): string | undefined {
  let answers: Answered[]
  try {
    answers = answersTo(compiled, one)
  } catch (thrown) {
    if (thrown instanceof Fault) return `cannot be asked: ${thrown.message}`
    throw thrown
  }
  const effect =
    STRICTEST.find((each) => answers.some((answer) => answer.effect === each)) ?? 'none'
  const by = answers.filter((answer) => answer.effect === effect).map(({ id }) => id)
  if (effect === one.expect && (one.by === undefined || by.includes(one.by))) return undefined
  return `should be ${inWords(one.expect, one.by === undefined ? [] : [one.by])} and is ${inWords(effect, by)}`
}

/**
 * The answers of a pack: a possible block asks, and a policy that allows has to cover the whole
 * action.
 */
type Answered = Pick<OperatorPolicy, 'id' | 'effect'>

function answersTo(
  compiled: CompiledPolicies,
  { type, ask, cwd, agent, template, risk }: PackCase,
): Answered[] {
  const action = normalise(plainQuestion(type, ask, cwd))
  const view = viewOf(action, compiled.table)
  return compiled
    .matching({ view, agent, template, risk: risk ?? assessRisk(action).score })
    .flatMap(({ policy: { id, effect }, isCertain, pieces }): Answered[] => {
      if (effect === 'block') return [{ id, effect: isCertain ? effect : 'ask' }]
      return effect === 'ask' || coversAll(pieces, view) ? [{ id, effect }] : []
    })
}

function inWords(effect: string, by: readonly string[]): string {
  return effect === 'none'
    ? 'not answered'
    : `${effect}${by.length === 0 ? '' : ` by ${by.join(', ')}`}`
}
