import { quote } from '../../../base/quote.ts'
import { AUTO, type Rule } from '../../../clawpolicy/types.ts'
import { learnedDecision } from '../judge.ts'
import type { ruleReader } from '../read.ts'
import { ruleCan } from '../rules.ts'
import type { RuleBook } from '../rule-book.ts'
import { withChange } from '../stored.ts'
import type { AnswerEffect } from '../trials/effective-policy.ts'
import { overlayRules } from '../trials/rule-overlay.ts'
import type { RuleRecord, RuleRow } from '../types.ts'
import { ruleQuestion, type CurrentQuestion } from './current.ts'
import type { PolicyStep } from './steps.ts'

export interface RuleStepParts {
  book: RuleBook
  reader: ReturnType<typeof ruleReader>
}

/** Rules that are tried: a file may bring thousands that match one question. */
const MAX_RULES = 40

/** Rules that could be confirmed, or that could be suspended or archived. */
export function ruleSteps(
  { book, reader }: RuleStepParts,
  current: CurrentQuestion,
  before: AnswerEffect,
): PolicyStep[] {
  const { matched } = learnedDecision(current.policy.rules, ruleQuestion(current))
  return matched.slice(0, MAX_RULES).flatMap(({ id, policy_decision }) => {
    const record = book.get(id)
    if (record === undefined || policy_decision === '') return []
    const row = reader.row(record)
    return movesFor(row, policy_decision === AUTO, before).flatMap((move) =>
      moveStep(record, row, move),
    )
  })
}

interface RuleMoveStep {
  act: 'confirm' | 'suspend' | 'archive'
  fields: Partial<Rule>
  size: number
  about: string
}

function movesFor({ conflicts }: RuleRow, allows: boolean, before: AnswerEffect): RuleMoveStep[] {
  const fields = { status: 'suspended', suspension_reason: 'operator' } as const
  if (before === 'ask' && allows && conflicts.length > 0) return []
  if (before === 'ask' && allows) return [{ ...CONFIRM, about: 'which allows this' }]
  if (before === 'allow' && allows)
    return [{ act: 'suspend', fields, size: 2, about: 'which allows this' }]
  if (before !== 'ask') return []
  return [
    { act: 'suspend', fields, size: 4, about: 'which asks about this' },
    { act: 'archive', fields: { status: 'archived' }, size: 5, about: 'which asks about this' },
  ]
}

const CONFIRM = {
  act: 'confirm',
  fields: { status: 'confirmed', suspension_reason: '' },
  size: 2,
} as const

function moveStep(
  record: RuleRecord,
  row: RuleRow,
  { act, fields, size, about }: RuleMoveStep,
): PolicyStep[] {
  if (ruleCan[act]({ ...row, expired: false }) !== undefined) return []
  const stored = withChange(record, fields)
  const programs = row.trigger.filter((trigger) => trigger.startsWith('runs:')).length
  return [
    {
      text: `${act} rule ${row.id}, ${about}`,
      command: `clawdeck policy ${act} ${quote([row.id])}`,
      size: size + programs,
      apply: (policy) => ({ ...policy, rules: overlayRules(policy.rules, [stored]).lookup }),
    },
  ]
}
