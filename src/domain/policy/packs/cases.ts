import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { compilePolicies, type CompiledPolicies } from '../compiled.ts'
import { normalise } from '../normalise.ts'
import { assessRisk } from '../risk.ts'
import type { PackCase } from '../policies-schema.ts'
import { spellings } from '../spellings.ts'
import type { OperatorPolicy } from '../types.ts'

/** A case that a pack does not keep: its place among the cases, what was expected, and what came. */
export interface Broken {
  at: number
  text: string
}

const STRICTEST = ['block', 'ask', 'warn', 'allow'] as const

/** Puts every case to the pack's policies, and nothing else; answers the first that is not kept. */
export function firstBroken(
  policies: readonly OperatorPolicy[],
  cases: readonly PackCase[],
): Broken | undefined {
  const compiled = compilePolicies(policies)
  for (const [at, one] of cases.entries()) {
    const text = wrongAbout(compiled, one)
    if (text !== undefined)
      return { at, text: `the case ${one.type} \`${plain(one.ask, 120)}\` ${text}` }
  }
  return undefined
}

function wrongAbout(compiled: CompiledPolicies, one: PackCase): string | undefined {
  let matched: OperatorPolicy[]
  try {
    matched = answersTo(compiled, one)
  } catch (thrown) {
    if (thrown instanceof Fault) return `is nothing that could be asked: ${thrown.message}`
    throw thrown
  }
  const effect =
    STRICTEST.find((each) => matched.some((policy) => policy.effect === each)) ?? 'none'
  const by = matched.filter((policy) => policy.effect === effect).map(({ id }) => id)
  if (effect === one.expect && (one.by === undefined || by.includes(one.by))) return undefined
  return `should be ${inWords(one.expect, one.by === undefined ? [] : [one.by])} and is ${inWords(effect, by)}`
}

function answersTo(
  compiled: CompiledPolicies,
  { type, ask, cwd, agent, template, risk }: PackCase,
): OperatorPolicy[] {
  const action = normalise({
    type,
    target: ask,
    argv: [],
    cwd,
    reversible: null,
    systems: [],
    goal: '',
    scope: '',
    risk: null,
    extra: {},
  })
  return compiled.matching({
    spellings: spellings(action),
    agent,
    template,
    risk: risk ?? assessRisk(action).score,
  })
}

function inWords(effect: string, by: readonly string[]): string {
  return effect === 'none'
    ? 'answered by nothing'
    : `${effect}${by.length === 0 ? '' : ` by ${by.join(', ')}`}`
}
