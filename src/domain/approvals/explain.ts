import type { Reason, Verdict } from '../policy/types.ts'
import type { Approval } from './types.ts'

/** How an approval came about, and what would be answered now, a line each. */
export function explainApproval(approval: Approval, verdict: Verdict): string[] {
  const { action, risk, reasons, state, by, note } = approval
  const factors = risk.factors
    .map(({ label, points }) => `${label} ${points >= 0 ? '+' : ''}${points}`)
    .join(' · ')
  return [
    `asked: ${action.type} ${action.target}`,
    `risk ${risk.score}: ${factors === '' ? 'no factors' : factors}`,
    ...reasons.map(reasonText),
    ...(state === 'pending' ? [] : [`${state} by ${by}${note === '' ? '' : `: ${note}`}`]),
    `asked again now, the answer would be: ${verdict.decision}`,
    ...verdict.reasons.map((reason) => `  ${reasonText(reason)}`),
  ]
}

function reasonText({ layer, id, text }: Reason): string {
  return `${layer}${id === undefined ? '' : ` ${id}`}: ${text}`
}
