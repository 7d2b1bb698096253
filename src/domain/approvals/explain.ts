import type { Reason, Verdict } from '../policy/types.ts'
import { missingCount, namedPeopleText } from '../operators/people/rules.ts'
import type { Approval, Quorum } from './types.ts'

/** How an approval came about, and what would be answered now, a line each. */
export function explainApproval(approval: Approval, verdict: Verdict): string[] {
  const { action, risk, reasons, state, by, note, quorum } = approval
  const factors = risk.factors
    .map(({ label, points }) => `${label} ${points >= 0 ? '+' : ''}${points}`)
    .join(' · ')
  return [
    `asked: ${action.type} ${action.target}`,
    `risk ${risk.score}: ${factors === '' ? 'no factors' : factors}`,
    ...reasons.map(reasonText),
    ...(quorum === undefined ? [] : quorumSteps(quorum)),
    ...(state === 'pending' ? [] : [`${state} by ${by}${note === '' ? '' : `: ${note}`}`]),
    `asked again now, the answer would be: ${verdict.decision}`,
    ...verdict.reasons.map((reason) => `  ${reasonText(reason)}`),
  ]
}

/** Who has to agree, and who has. */
function quorumSteps({ rules, agreements, missing }: Quorum): string[] {
  return [
    ...rules.map((rule) => `${namedPeopleText(rule)} have to agree`),
    ...agreements.map(({ operator }) => `${operator} agreed`),
    ...(missing.length === 0 ? [] : [`it waits for ${missingCount(missing)} more`]),
  ]
}

function reasonText({ layer, id, text }: Reason): string {
  return `${layer}${id === undefined ? '' : ` ${id}`}: ${text}`
}
