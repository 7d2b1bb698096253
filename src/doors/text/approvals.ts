import { ago, plain, span } from '../../base/text.ts'
import { timeLeft } from '../../domain/approvals/holding/rules.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { Reason } from '../../domain/policy/types.ts'

const MAX_FACTORS = 4

/** `4:12 left`, or `held, 4:12 left` while its agent is frozen. */
export function waitText(a: Pick<Approval, 'expiresAt' | 'heldSince'>, now: number): string {
  const left = `${span(Math.max(0, timeLeft(a, now)))} left`
  return a.heldSince === undefined ? left : `held, ${left}`
}

/** Why an approval is needed, in one line: the main risk factors, then the reasons. */
export function whyText(a: Approval): string {
  const factors = [...a.risk.factors]
    .sort((x, y) => y.points - x.points)
    .slice(0, MAX_FACTORS)
    .map(({ label, points }) => `${label} ${points >= 0 ? '+' : ''}${points}`)
  const reasons = mainReasons(a).map(withoutRuleId)
  return plain([...factors, ...reasons].join(' · ') || 'no rule matches')
}

/** The learned rule, and the first other reason; that no rule matched only if nothing else did. */
function mainReasons({ reasons }: Approval): Reason[] {
  const rule = reasons.find(({ layer }) => layer === 'rule')
  const other = reasons.find(
    ({ layer }) =>
      layer !== 'risk' && layer !== 'rule' && (layer !== 'default' || rule === undefined),
  )
  return [rule, other].filter((reason) => reason !== undefined)
}

/** The id of a rule does not help a person who has to decide. */
function withoutRuleId({ id, text }: Reason): string {
  return id === undefined ? text : text.replace(`rule ${id} `, 'a rule ')
}

/** How the same question was decided before. */
export function precedentText({ precedent }: Approval, now: number): string {
  const { allowed, denied, lastAt } = precedent
  if (allowed + denied === 0) return 'never asked before'
  const last = lastAt === null ? '' : ` · last ${ago(lastAt, now)}`
  return `allowed ${allowed}× · denied ${denied}×${last}`
}
