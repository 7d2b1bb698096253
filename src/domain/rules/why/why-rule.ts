import type { Clock } from '../../../base/clock.ts'
import { plain } from '../../../base/text.ts'
import type { StoredEvent } from '../../../journal/chain.ts'
import { asEvent } from '../../../journal/read.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { findAsked, type AskedQuestionParts } from '../asked-question.ts'
import type { Learning } from '../learning/learning.ts'
import type { ruleReader } from '../read.ts'
import { hasExpired } from '../rule-book.ts'
import { ruleCan } from '../rules.ts'
import type { RuleOutcome } from '../types.ts'
import type { Alternative, WhyRule } from './types.ts'

export interface RuleChangeExplainerParts extends AskedQuestionParts {
  store: Store
  clock: Clock
  learning: Learning
  reader: ReturnType<typeof ruleReader>
}

/** Events of a rule that are listed as evidence. */
const MAX_EVIDENCE = 20

/** Explains why a rule changed its state. */
export function ruleChangeExplainer(
  parts: RuleChangeExplainerParts,
): (change: DeckEvent<'rule.added'>) => WhyRule {
  const upTo = parts.store.prepare<[string, number, number], StoredEvent>(
    "SELECT * FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
  )
  return ({ seq, at, actor, body: { stored, from, because } }) => {
    const { rule } = stored
    return {
      about: 'rule',
      id: String(seq),
      seq,
      at,
      actor,
      rule: rule.id,
      summary: plain(rule.summary, 300),
      from,
      to: rule.status,
      because,
      evidence: upTo
        .all(rule.id, seq, MAX_EVIDENCE)
        .map((row) => evidenceOf(parts, asEvent(row) as DeckEvent<'rule.added'>)),
      turns: possibleMoves(parts, rule.id),
    }
  }
}

function evidenceOf(
  parts: AskedQuestionParts,
  { seq, at, actor, body: { of, outcome, because } }: DeckEvent<'rule.added'>,
): WhyRule['evidence'][number] {
  const asked = of === '' ? undefined : findAsked(parts, of)
  const action =
    asked === undefined ? '' : `: ${asked.action.type} ${plain(asked.action.target, 200)}`
  const what = outcome === null ? `${because}, by ${plain(actor, 64)}` : evidenceText(outcome)
  return { seq, at, of, text: `${what}${action}` }
}

/** What an operator can do with a rule now. */
function possibleMoves(
  { learning, clock, reader }: RuleChangeExplainerParts,
  id: string,
): Alternative[] {
  const record = learning.book.get(id)
  if (record === undefined) return []
  const rule = { ...reader.row(record), expired: hasExpired(record, clock.now()) }
  return MOVES.filter(([move]) => ruleCan[move](rule) === undefined).map(([move, text]) => ({
    text,
    command: `clawdeck policy ${move} ${id}`,
  }))
}

const MOVES = [
  ['confirm', 'put it in force'],
  ['suspend', 'suspend it: a person decides again'],
  ['resume', 'make it a candidate that learns again'],
  ['restore', 'take it out of the archive'],
  ['archive', 'archive it'],
] as const

const OVERRIDES: ReadonlyMap<string, string> = new Map([
  ['confirmed_after_prompt', 'a person approved'],
  ['blocked_auto_execute', 'a person denied'],
  ['prefer_auto_execute', 'a person wants no question about it'],
  ['prefer_confirmation', 'a person wants to be asked'],
  ['should_have_required_confirmation', 'a person should have been asked'],
])

const RESULTS: ReadonlyMap<string, string> = new Map([
  ['success', 'it succeeded'],
  ['failure', 'it failed'],
  ['rollback', 'it was rolled back'],
])

function evidenceText({ override, result, confirmed }: RuleOutcome): string {
  const decision = OVERRIDES.get(override)
  if (decision !== undefined) return decision
  const how = confirmed ? 'after approval' : 'without asking'
  return `${RESULTS.get(result) ?? 'it was cancelled'} ${how}`
}
