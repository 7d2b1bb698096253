import { HIGH_RISK } from '../../../../domain/approvals/rules.ts'
import type { Factor } from '../../../../domain/policy/types.ts'
import type { TextLine } from '../../store/layer.ts'
import type { ThemeRole } from '../../theme/theme.ts'
import { textLine } from '../lines.ts'

export function riskRole(score: number): ThemeRole {
  if (score >= HIGH_RISK) return 'risk-high'
  return score >= 40 ? 'risk-mid' : 'risk-low'
}

/** The risk as five cells that fill up. */
export function riskBar(score: number): string {
  const full = Math.round(score / 20)
  return '▇'.repeat(full) + '·'.repeat(5 - full)
}

/** `+25`, `-5` */
export function signed(points: number): string {
  return `${points >= 0 ? '+' : ''}${points}`
}

/** One factor of a risk: `+25  not reversible`. */
export function factorLine({ points, label }: Factor): TextLine {
  return textLine(factorTone(points), `${signed(points).padStart(4)}  ${label}`)
}

function factorTone(points: number): TextLine['tone'] {
  if (points >= 20) return 'bad'
  return points > 0 ? 'warn' : 'good'
}
