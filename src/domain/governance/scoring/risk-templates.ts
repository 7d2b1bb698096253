import { wholeScore } from '../statistics.ts'
import { conditionHolds, readCondition } from './conditions.ts'

export interface RiskTemplate {
  id: string
  name: string
  /** Null: for every type. */
  action_type: string | null
  base_risk: number
  rules: readonly { condition: string; add: number }[]
  status: string
}

/** The active template for a type of action: the first of that type, else the first for all. */
export function riskTemplateFor(
  templates: readonly RiskTemplate[],
  actionType: string,
): RiskTemplate | undefined {
  const active = templates.filter(({ status }) => status === 'active')
  return (
    active.find((each) => each.action_type === actionType) ??
    active.find((each) => each.action_type === null || each.action_type === '')
  )
}

/** The risk that a template gives an action, and the conditions that hold. */
export function templateRisk(
  template: Pick<RiskTemplate, 'base_risk' | 'rules'>,
  action: unknown,
): { risk: number; applied: string[] } {
  const applied = template.rules.filter((rule) => {
    const condition = readCondition(rule.condition)
    return !('problem' in condition) && conditionHolds(condition, action)
  })
  const sum = applied.reduce((risk, { add }) => risk + add, template.base_risk)
  return { risk: wholeScore(sum), applied: applied.map(({ condition }) => condition) }
}

/** What is wrong with the rules of a template, one line each. */
export function riskTemplateProblems(rules: RiskTemplate['rules']): string[] {
  return rules.flatMap(({ condition, add }, i) => {
    const read = readCondition(condition)
    return [
      ...('problem' in read ? [`rules[${i}].condition: ${read.problem}`] : []),
      ...(Number.isFinite(add) ? [] : [`rules[${i}].add must be a number`]),
    ]
  })
}
