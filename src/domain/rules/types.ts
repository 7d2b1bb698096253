import type { NumberKinds, Playbook, Rule, ScopeName, Status } from '../../clawpolicy/types.ts'
export type { ScopeName, Status } from '../../clawpolicy/types.ts'

/** What became of an action that a rule had part in, as the gates count it. `at` is ISO 8601, as in the files. */
export interface RuleOutcome {
  at: string
  decision: string
  override: string
  result: string
  confirmed: boolean
}

/** A learned rule as events carry it. */
export interface StoredRule {
  /** The fields of the files, under their names there. */
  rule: Omit<Rule, 'extra' | 'kinds'>
  /** Keys of a file that are no fields, as JSON text. */
  extra?: string
  kinds?: NumberKinds
  /** Unix milliseconds; null holds until somebody ends it. From then on it says nothing. */
  expiresAt: number | null
  /** Who made it: an operator, or `learner`. */
  by: string
}

/** A row of the rule table: what the last event said, and what the gates look back on, oldest first, the last `OUTCOMES_KEPT`. */
export interface RuleRecord extends StoredRule {
  outcomes: RuleOutcome[]
  changedAt: number
  seq: number
}

export const RULE_EVENTS = [
  'rule.added',
  'rule.learned',
  'rule.confirmed',
  'rule.suspended',
  'rule.resumed',
  'rule.archived',
  'rule.restored',
  'rule.edited',
  'rule.merged',
  'rule.expired',
  'rule.imported',
] as const
export type RuleEventType = (typeof RULE_EVENTS)[number]

/** The body of each of them: the rule as it is from now on, and why. */
export interface RuleChange {
  stored: StoredRule
  /** The state before; null for a new one. */
  from: Status | null
  /** In a word of the engine (`candidate_promoted`, `repeated_failure` …) or in those of an operator. */
  because: string
  /** The action or approval that it was learned from, `act_…` or `apr_…`; or ''. */
  of: string
  outcome: RuleOutcome | null
  /** From a file: what the gates look back on from now on, instead of what they did. */
  outcomes?: RuleOutcome[]
}

/** In words that follow `last time`. */
export type Setback = '' | 'failed' | 'rolled back' | 'refused' | 'unwanted'

/** A learned rule as lists and boards show it. Times are Unix milliseconds. */
export interface RuleRow {
  id: string
  summary: string
  status: Status
  /** Unasked, or always a person; '' for advice that decides nothing. */
  decision: 'allow' | 'ask' | ''
  scope: ScopeName
  /** An agent's name for `project`, a kind of work for `domain`, '' everywhere. */
  scopeKey: string
  trigger: readonly string[]
  riskLevel: string
  /** 0 to 1, for information. */
  confidence: number
  /** Feedback that counts for it, and how much it takes; and what the latest was, if that spoke against it: the row begins anew. */
  setback: Setback
  support: number
  needed: number
  /** What keeps a candidate from being confirmed. */
  missing: readonly string[]
  failures: number
  suspensionReason: string
  /** Ids of confirmed rules about the same that decide otherwise. */
  conflicts: readonly string[]
  source: string
  by: string
  uses: number
  lastUsedAt: number | null
  changedAt: number
  expiresAt: number | null
}

/** A row of a rule's history. */
export interface RuleMoment {
  seq: number
  at: number
  actor: string
  type: RuleEventType
  rule: string
  from: Status | null
  to: Status
  because: string
  of: string
  outcome: RuleOutcome | null
}

export interface RuleDetail {
  row: RuleRow
  stored: StoredRule
  outcomes: readonly RuleOutcome[]
  history: readonly RuleMoment[]
  playbooks: readonly string[]
  markdown: string
}

/** Where the rules stand as a whole. */
export interface RuleStatus {
  counts: Record<Status, number>
  promotions: RuleMoment[]
  suspensions: RuleMoment[]
  risky: RuleRow[]
  scopes: RuleRow[]
  conflicts: RuleRow[]
}

export type WidthName = 'exact' | 'kind' | 'family'

/** A rule that a person's word about a question could make. */
export interface RuleProposal {
  width: WidthName
  says: string
  trigger: readonly string[]
  past: { allowed: number; denied: number; asked: number }
}

/** What of a rule an operator may change. */
export interface RuleEdit {
  summary?: string | undefined
  trigger?: string[] | undefined
  decision?: 'allow' | 'ask' | undefined
  scope?: ScopeName | undefined
  scopeKey?: string | undefined
  /** How long from now; null until somebody ends it. */ days?: number | null | undefined
}

/** Rules that belong together, as events and the table carry it. */
export interface StoredPlaybook {
  playbook: Omit<Playbook, 'extra' | 'kinds'>
  extra?: string
  kinds?: NumberKinds
}

export interface PlaybookRow {
  id: string
  summary: string
  category: string
  trigger: readonly string[]
  rules: readonly string[]
  confidence: number
  /** How many of its rules are confirmed. */ confirmed: number
}

/** Learned rules: what they are, what they would do, and what a person makes of them. Faults: `not.found`, `not.possible`, `refused`. */
export interface RuleService {
  /** Most in need of a look first. `agent`: those that hold for it. */
  list(filter: {
    status?: Status | undefined
    agent?: string | undefined
    text?: string | undefined
    limit: number
  }): Promise<RuleRow[]>
  get(id: string): Promise<RuleDetail>
  status(): Promise<RuleStatus>
  /** Moves between states, latest first. */
  recent(limit: number): Promise<RuleMoment[]>
  /** Confirmed rules that allow what is of high or critical risk. */
  risky(): Promise<RuleRow[]>
  /** The rules that a yes (or a no) to this question could make, narrowest first, and what each would have covered. */
  proposals(approval: string, decision: 'allow' | 'ask'): Promise<RuleProposal[]>
  /** Makes one of them, confirmed: it is a person's own word. It may be about a question that was decided already. */
  propose(
    input: {
      approval: string
      width: WidthName
      decision: 'allow' | 'ask'
      scope: ScopeName
      /** Days until it expires; null: never. */ days: number | null
      note?: string | undefined
    },
    actor: string,
  ): Promise<RuleRow>
  confirm(id: string, note: string, actor: string): Promise<RuleRow>
  suspend(id: string, note: string, actor: string): Promise<RuleRow>
  /** A suspended one becomes a candidate again. */
  resume(id: string, note: string, actor: string): Promise<RuleRow>
  archive(id: string, note: string, actor: string): Promise<RuleRow>
  restore(id: string, note: string, actor: string): Promise<RuleRow>
  /** A confirmed rule that is made to be about something else has to be confirmed again. */
  edit(id: string, change: RuleEdit, actor: string): Promise<RuleRow>
  /** The evidence of the others goes to the first, and they are archived. All must say the same. */
  merge(ids: readonly string[], actor: string): Promise<RuleRow>
  /** A complaint: a person should have been asked about this action. */
  missed(action: string, note: string, actor: string): Promise<RuleRow[]>
}

export interface PlaybookService {
  list(): Promise<PlaybookRow[]>
  save(
    input: { id?: string | undefined; summary: string; rules: string[] },
    actor: string,
  ): Promise<PlaybookRow>
  remove(id: string, actor: string): Promise<PlaybookRow>
  /** Confirms, suspends or archives all of its rules, or none of them. */
  apply(id: string, act: 'confirm' | 'suspend' | 'archive', actor: string): Promise<RuleRow[]>
  /** Rules that were learned in the same work and could be one playbook. */
  suggest(): Promise<{ summary: string; rules: string[]; because: string }[]>
}
