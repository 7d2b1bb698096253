import type { NumberKinds, Playbook, Rule, ScopeName, Status } from '../../clawpolicy/types.ts'
export type { ScopeName, Status } from '../../clawpolicy/types.ts'

/**
 * The outcome of an action that a rule took part in, in the engine's terms. `at` is ISO 8601, as in
 * the files.
 */
export interface RuleOutcome {
  at: string
  decision: string
  override: string
  result: string
  confirmed: boolean
}

/** A learned rule in the form of events. */
export interface StoredRule {
  /** The fields of the files, with their names there. */
  rule: Omit<Rule, 'extra' | 'kinds'>
  /** Unknown keys of a file, as JSON text. */
  extra?: string
  kinds?: NumberKinds
  /** When the rule stops to apply, in Unix milliseconds; null for never. */
  expiresAt: number | null
  /** Its author: an operator, or `learner`. */
  by: string
}

/**
 * A row of the rule table: the rule after its last event, and its latest outcomes, oldest first.
 */
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

/** The body of each of these events: the rule after it, and why. */
export interface RuleChange {
  stored: StoredRule
  /** The state before; null for a new rule. */
  from: Status | null
  /** A term of the engine (`candidate_promoted`, `repeated_failure` …), or an operator's note. */
  because: string
  /** The action or approval that it was learned from, `act_…` or `apr_…`; or ''. */
  of: string
  outcome: RuleOutcome | null
  /** From a file: outcomes that replace those of the rule. */
  outcomes?: RuleOutcome[]
}

/** How the latest outcome spoke against a rule, in words that follow `last time`. */
export type Setback = '' | 'failed' | 'rolled back' | 'refused' | 'unwanted'

/** A learned rule as lists show it. Times are Unix milliseconds. */
export interface RuleRow {
  id: string
  summary: string
  status: Status
  /** Allows without asking, or always asks; '' for advice, which decides nothing. */
  decision: 'allow' | 'ask' | ''
  scope: ScopeName
  /** An agent's name for `project`, a kind of work for `domain`, '' everywhere. */
  scopeKey: string
  trigger: readonly string[]
  riskLevel: string
  /** 0 to 1, for information. */
  confidence: number
  /** How the latest outcome spoke against it: the support is counted from there. */
  setback: Setback
  /** Supporting outcomes in a row. */
  support: number
  /** How many are needed to confirm it. */
  needed: number
  /** What a candidate lacks to be confirmed. */
  missing: readonly string[]
  failures: number
  suspensionReason: string
  /** Ids of confirmed rules with the same triggers and another decision. */
  conflicts: readonly string[]
  source: string
  by: string
  uses: number
  lastUsedAt: number | null
  changedAt: number
  expiresAt: number | null
}

/** An event of a rule. */
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

/** The state of all rules. */
export interface RuleStatus {
  counts: Record<Status, number>
  promotions: RuleMoment[]
  suspensions: RuleMoment[]
  risky: RuleRow[]
  scopes: RuleRow[]
  conflicts: RuleRow[]
}

/** What a proposed rule matches: one action, a program with its first argument, or a program. */
export type WidthName = 'exact' | 'kind' | 'family'

/** A rule that an operator could make from a question. */
export interface RuleProposal {
  width: WidthName
  says: string
  trigger: readonly string[]
  past: { allowed: number; denied: number; asked: number }
}

export interface ProposalInput {
  approval: string
  width: WidthName
  decision: 'allow' | 'ask'
  scope: ScopeName
  /** Days until it expires; null for never. */
  days: number | null
  note?: string | undefined
}

/** What an operator may change of a rule. */
export interface RuleEdit {
  summary?: string | undefined
  trigger?: string[] | undefined
  decision?: 'allow' | 'ask' | undefined
  scope?: ScopeName | undefined
  scopeKey?: string | undefined
  /** Days from now until it expires; null for never. */
  days?: number | null | undefined
}

export interface RuleFilter {
  status?: Status | undefined
  /** Rules that apply to this agent. */
  agent?: string | undefined
  text?: string | undefined
  limit: number
}

/** A playbook in the form of events and of the table. */
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
  /** How many of its rules are confirmed. */
  confirmed: number
}
/** Rules that could be one playbook, and why. */
export interface PlaybookSuggestion {
  summary: string
  rules: string[]
  because: string
}
/** Learned rules. Faults: `not.found`, `not.possible`, `refused`. */
export interface RuleService {
  /** Those that need an operator's attention first. */
  list(filter: RuleFilter): Promise<RuleRow[]>
  get(id: string): Promise<RuleDetail>
  status(): Promise<RuleStatus>
  /** Changes of state, latest first. */
  recent(limit: number): Promise<RuleMoment[]>
  /** Confirmed rules that allow actions of high or critical risk. */
  risky(): Promise<RuleRow[]>
  /** The rules that could be made from a question, narrowest first. */
  proposals(approval: string, decision: 'allow' | 'ask'): Promise<RuleProposal[]>
  /** Makes one of them, confirmed. The question may have been decided already. */
  propose(input: ProposalInput, actor: string): Promise<RuleRow>
  confirm(id: string, note: string, actor: string): Promise<RuleRow>
  suspend(id: string, note: string, actor: string): Promise<RuleRow>
  /** A suspended rule becomes a candidate again. */
  resume(id: string, note: string, actor: string): Promise<RuleRow>
  archive(id: string, note: string, actor: string): Promise<RuleRow>
  restore(id: string, note: string, actor: string): Promise<RuleRow>
  /** A confirmed rule that covers something else afterwards has to be confirmed again. */
  edit(id: string, change: RuleEdit, actor: string): Promise<RuleRow>
  /** Adds the evidence of the others to the first, and archives them. */
  merge(ids: readonly string[], actor: string): Promise<RuleRow>
  /** A complaint that a person should have been asked about this action. */
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
  suggest(): Promise<PlaybookSuggestion[]>
}
