import type { Clock } from '../../../base/clock.ts'
import { literal } from '../../../base/glob.ts'
import type { EffectiveBounds } from '../../agents/types.ts'
import type { Lease } from '../../leases/types.ts'
import type { CompiledPolicies } from '../../policy/matching/compiled.ts'
import type { Action, Decision, Verdict } from '../../policy/types.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import { judgeLearned } from '../judge.ts'
import type { RuleLookup } from '../rule-book.ts'
import { engineFor, taskOf } from '../task.ts'
import {
  effectOf,
  evaluateUnder,
  evaluateWith,
  type AssessedAction,
  type AnswerEffect,
  type EffectivePolicy,
} from './effective-policy.ts'
import type { QuestionGroup } from './replay-thread.ts'
import { overlayRules, type RuleOverlay } from './rule-overlay.ts'
import type { Tally } from './tally.ts'
import type { TrialChange } from './trial-change.ts'
import type { RecordedAnswer } from './types.ts'

export interface TrialReplayParts {
  clock: Clock
  rules: RuleLookup
  policies: () => CompiledPolicies
  /** The bounds of an agent; undefined if they are not known. */
  boundsOf: (agent: string) => Promise<EffectiveBounds | undefined>
}

/** Answers that are remembered for equal questions: this limits the memory. */
const MAX_REMEMBERED = 4096
/** Changed rules up to this number are used to filter the recorded questions by their text. */
const MAX_FILTERING = 16
/** Deleted agents that a note names. */
const MAX_NAMED = 10

interface NewAnswer {
  would: Decision
  reason: string
}
type Changed = NewAnswer & Pick<Action, 'type' | 'target'>

/** Compares recorded answers with those under a changed policy. */
export class TrialReplay {
  /** Questions of agents whose bounds are not known. */
  leftOut = 0
  /** The changed rules, if nothing else changes and they are few enough to filter questions by. */
  readonly filteringRules: readonly Rule[] | undefined
  readonly #parts: TrialReplayParts
  readonly #overlay: RuleOverlay
  readonly #now: number
  readonly #policiesBefore: CompiledPolicies
  readonly #policiesAfter: CompiledPolicies | undefined
  readonly #bounds = new Map<string, EffectiveBounds | undefined>()
  /** By agent and answer, then by the action's text. */
  readonly #remembered = new Map<string, Map<string, Changed | undefined>>()
  #rememberedCount = 0

  constructor(parts: TrialReplayParts, change: TrialChange) {
    this.#parts = parts
    this.#now = parts.clock.now()
    this.#overlay = overlayRules(parts.rules, change.rules)
    this.#policiesBefore = parts.policies()
    this.#policiesAfter = change.policies
    const { rules } = this.#overlay
    this.filteringRules =
      change.policies === undefined && rules.length <= MAX_FILTERING ? rules : undefined
  }

  /** Adds a group of equal questions to the tally, if their answer would change. */
  async add(group: QuestionGroup, tally: Tally): Promise<void> {
    const { was, score, seq, at, agent, times } = group
    if (was === 'fixed') return
    const bounds = await this.#boundsOf(agent)
    if (bounds === undefined) {
      this.leftOut += times
      return
    }
    const changed = this.#changedAnswer(group, was, bounds)
    if (changed !== undefined) tally.add({ seq, at, agent, risk: score, was, times, ...changed })
  }

  notes(): string[] {
    const deleted = [...this.#bounds].flatMap(([agent, bounds]) =>
      bounds?.gone === true ? [agent] : [],
    )
    if (deleted.length === 0) return []
    const more = deleted.length > MAX_NAMED ? ' and others' : ''
    const names = deleted.slice(0, MAX_NAMED).join(', ')
    return [`${names}${more}: deleted, so judged by the present template`]
  }

  async #boundsOf(agent: string): Promise<EffectiveBounds | undefined> {
    if (!this.#bounds.has(agent)) this.#bounds.set(agent, await this.#parts.boundsOf(agent))
    return this.#bounds.get(agent)
  }

  #changedAnswer(
    { agent, score, action: text }: QuestionGroup,
    was: RecordedAnswer,
    { template, bounds }: EffectiveBounds,
  ): Changed | undefined {
    const kind = `${agent} ${was} ${score}`
    const known = this.#remembered.get(kind)
    if (known?.has(text) === true) return known.get(text)
    const action = JSON.parse(text) as Action
    const asked = { agent: { name: agent, template }, action, risk: { score, factors: [] } }
    const answer = this.#evaluate(asked, bounds, was)
    const changed =
      answer === undefined ? undefined : { ...answer, type: action.type, target: action.target }
    this.#remember(kind, text, changed)
    return changed
  }

  #remember(kind: string, text: string, changed: Changed | undefined): void {
    if (++this.#rememberedCount > MAX_REMEMBERED) {
      this.#remembered.clear()
      this.#rememberedCount = 1
    }
    const known = this.#remembered.get(kind) ?? new Map<string, Changed | undefined>()
    this.#remembered.set(kind, known.set(text, changed))
  }

  /** Only what the trial itself changes counts, not what would be answered otherwise already. */
  #evaluate(
    asked: AssessedAction,
    bounds: EffectivePolicy['bounds'],
    was: RecordedAnswer,
  ): NewAnswer | undefined {
    const leases = recordedLeases(asked, was, this.#now)
    if (this.#policiesAfter === undefined)
      return this.filteringRules !== undefined || this.#isTouched(asked)
        ? this.#evaluateRules(asked, { bounds, policies: this.#policiesBefore, leases }, was)
        : undefined
    const { rules, clock } = this.#parts
    const after = evaluateUnder(
      { bounds, policies: this.#policiesAfter, leases, rules: this.#overlay.lookup },
      asked,
      this.#now,
      clock,
    )
    if (effectOf(after.decision) === recordedEffect(was)) return undefined
    const before = evaluateUnder(
      { bounds, policies: this.#policiesBefore, leases, rules },
      asked,
      this.#now,
      clock,
    )
    return effectOf(before.decision) === effectOf(after.decision) ? undefined : newAnswer(after)
  }

  /** If only rules change, which are evaluated last, everything else is evaluated once. */
  #evaluateRules(
    asked: AssessedAction,
    policy: Omit<EffectivePolicy, 'rules'>,
    was: RecordedAnswer,
  ): NewAnswer | undefined {
    const { rules, clock } = this.#parts
    const judge = (lookup: RuleLookup) => judgeLearned(lookup, { ...asked, now: this.#now, clock })
    let areRulesReached = false
    const after = evaluateWith(policy, asked, this.#now, () => {
      areRulesReached = true
      return judge(this.#overlay.lookup)
    })
    if (!areRulesReached || effectOf(after.decision) === recordedEffect(was)) return undefined
    const before = judge(rules).says === 'allow' ? 'allow' : 'ask'
    return before === effectOf(after.decision) ? undefined : newAnswer(after)
  }

  #isTouched({ agent, action }: AssessedAction): boolean {
    const context = engineFor(agent, this.#parts.clock).contextOf(taskOf(action, agent))
    return this.#overlay.touches(context, this.#now)
  }
}

function newAnswer({ decision, reasons }: Verdict): NewAnswer {
  return { would: decision, reason: reasons[0]?.text ?? '' }
}

/** The answer when the question was asked, before a person decided. */
function recordedEffect(was: RecordedAnswer): AnswerEffect {
  if (was === 'blocked') return 'block'
  return was === 'allowed' || was === 'allowed by a lease' ? 'allow' : 'ask'
}

/** A lease for exactly this question, if a lease allowed it then. */
function recordedLeases(
  { agent, action }: AssessedAction,
  was: RecordedAnswer,
  now: number,
): Lease[] {
  if (was !== 'allowed by a lease') return []
  return [
    {
      id: 'recorded',
      agent: agent.name,
      type: action.type,
      target: literal(action.target),
      maxRisk: 100,
      uses: 1,
      usesLeft: 1,
      grantedAt: now,
      expiresAt: now + 1000,
      grantedBy: 'operator',
      state: 'active',
    },
  ]
}
