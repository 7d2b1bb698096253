import type { Clock } from '../../../base/clock.ts'
import { plain } from '../../../base/text.ts'
import type { StoredEvent } from '../../../journal/chain.ts'
import { asEvent } from '../../../journal/read.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { CompiledPolicies } from '../../policy/compiled.ts'
import { ruleCan } from '../rules.ts'
import { questionOf } from '../propose.ts'
import type { Learning } from '../service.ts'
import type { RuleOutcome } from '../types.ts'
import { lookUpWhy, type LookUpParts, type Recalled } from './look-up.ts'
import { answerToday, became, pathOf, rulesFor, type Today } from './path.ts'
import { limitsOf, turnsOf, type TurnParts } from './alternatives.ts'
import type { Lease } from '../../leases/types.ts'
import type { Why, Turn, WhyRule } from './types.ts'
import type { EffectiveBounds } from '../../agents/types.ts'

export interface WhyParts extends LookUpParts, Omit<TurnParts, 'book'> {
  learning: Learning
  clock: Clock
  policies: () => CompiledPolicies
  leases: () => Lease[]
  standing: (agent: string) => Promise<EffectiveBounds | undefined>
}

/** Changes of a rule that are told as its evidence. */
const EVIDENCE = 20

/** Why something was answered, or why a rule moved: what led there, and what would turn it. Fault `not.found`. */
export function whyService(parts: WhyParts): (id: string) => Promise<Why | WhyRule> {
  const { learning, clock, store } = parts
  const find = lookUpWhy(parts)
  const before = store.prepare<[string, number, number], StoredEvent>(
    "SELECT * FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
  )

  async function whyAsked(asked: Recalled): Promise<Why> {
    const { id, seq, at, agent, action, decision, risk } = asked
    const standing = await parts.standing(agent)
    const today: Today | undefined =
      standing === undefined
        ? undefined
        : {
            law: {
              bounds: standing.bounds,
              policies: parts.policies(),
              leases: parts.leases(),
              book: learning.book,
            },
            asking: { doer: { name: agent, template: standing.template }, action, risk },
            now: clock.now(),
            clock,
          }
    return {
      about: 'question',
      id,
      seq,
      at,
      agent,
      action,
      decision,
      became: became(asked),
      risk,
      path: pathOf(asked, today),
      rules: today === undefined ? [] : rulesFor(today),
      now: answerToday(today, agent),
      limits: today === undefined ? [] : limitsOf(today),
      turns:
        today === undefined || standing?.gone === true
          ? []
          : turnsOf({ ...parts, book: learning.book }, asked, today),
    }
  }

  function whyMoved({
    seq,
    at,
    actor,
    body: {
      stored: { rule },
      from,
      because,
    },
  }: DeckEvent<'rule.added'>): WhyRule {
    const evidence = before
      .all(rule.id, seq, EVIDENCE)
      .map((row) => evidenceOf(asEvent(row) as DeckEvent<'rule.added'>))
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
      evidence,
      turns: movesOf(rule.id),
    }
  }

  function evidenceOf({
    seq,
    at,
    actor,
    body: { of, outcome, because },
  }: DeckEvent<'rule.added'>): WhyRule['evidence'][number] {
    const asked = of === '' ? undefined : questionOf(parts.journal, parts.read, of)
    const what =
      asked === undefined ? '' : `: ${asked.action.type} ${plain(asked.action.target, 200)}`
    return {
      seq,
      at,
      of,
      text: `${outcome === null ? `${because}, by ${plain(actor, 64)}` : outcomeText(outcome)}${what}`,
    }
  }

  /** What a person can make of a rule as it is now. */
  function movesOf(id: string): Turn[] {
    const kept = learning.book.get(id)
    if (kept === undefined) return []
    const row = {
      ...parts.reader.row(kept),
      expired: kept.expiresAt !== null && clock.now() >= kept.expiresAt,
    }
    return MOVES.filter(([act]) => ruleCan[act](row) === undefined).map(([act, text]) => ({
      text,
      command: `clawdeck policy ${act} ${id}`,
    }))
  }

  return async (id) => {
    await learning.usable()
    const found = find(id)
    return 'question' in found ? whyAsked(found.question) : whyMoved(found.change)
  }
}

const MOVES = [
  ['confirm', 'let it answer'],
  ['suspend', 'let a person decide again'],
  ['resume', 'let it learn again'],
  ['restore', 'take it out of the archive'],
  ['archive', 'put it away'],
] as const

const OVERRIDES: Record<string, string> = {
  confirmed_after_prompt: 'a person said yes',
  blocked_auto_execute: 'a person said no',
  prefer_auto_execute: 'a person said: no need to ask',
  prefer_confirmation: 'a person said: always ask',
  should_have_required_confirmation: 'a person said: it should have asked',
}

function outcomeText({ override, result, confirmed }: RuleOutcome): string {
  const said = Object.hasOwn(OVERRIDES, override) ? OVERRIDES[override] : undefined
  if (said !== undefined) return said
  const how = confirmed ? "with a person's yes" : 'unasked'
  return result === 'success'
    ? `it went well ${how}`
    : result === 'failure'
      ? `it failed ${how}`
      : result === 'rollback'
        ? `it was rolled back ${how}`
        : `it was given up ${how}`
}
