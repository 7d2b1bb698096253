import type { Decision } from '../../domain/policy/types.ts'
import type { WhyRule } from '../../domain/rules/why/types.ts'

/** Headings of the page that explains a decision or the status of a rule. */
export const WHY_HEADINGS = {
  path: 'How it was decided',
  rules: 'Learned rules about it',
  limits: 'What no rule can change',
  turns: 'What would change it',
  evidence: 'Evidence until then, latest first',
  acts: 'What you can do with it',
} as const

/** How a rule's status changed. */
export function changeText(from: WhyRule['from'], to: WhyRule['to']): string {
  if (from === null) return `created as ${to}`
  return from === to ? `stayed ${to}` : `${from} → ${to}`
}

const ANSWERS: Record<Decision, string> = {
  allow: 'allow',
  warn: 'allow with a warning',
  require_approval: 'ask',
  block: 'block',
}

/** How the same question would be answered now. */
export function todayText(decision: Decision): string {
  return `Today: ${ANSWERS[decision]}`
}
