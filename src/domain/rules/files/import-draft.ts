import type { Draft } from '../../../journal/types.ts'
import type { RuleOutcome, RuleRecord, StoredRule } from '../types.ts'

interface ImportedRule {
  stored: StoredRule
  /** The existing rule that it replaces. */
  before: RuleRecord | undefined
  /** Where it comes from, in words. */
  because: string
  /** Replace those of the existing rule. */
  outcomes?: RuleOutcome[]
}

/** The event of a rule that comes from outside of the deck. */
export function importDraft(
  actor: string,
  { stored, before, because, outcomes }: ImportedRule,
): Draft<'rule.imported'> {
  return {
    type: 'rule.imported',
    actor,
    subject: '',
    body: {
      stored,
      from: before?.rule.status ?? null,
      because,
      of: '',
      outcome: null,
      ...(outcomes === undefined ? {} : { outcomes }),
    },
  }
}
