import type { Action, Decision, Factor, OperatorPolicy, Reason, Verdict } from '../types.ts'
import type { NumberKinds, Playbook, Rule, ScopeName, Status } from '../learned/types.ts'

export type { ScopeName, Status } from '../learned/types.ts'

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
export interface KeptRule extends StoredRule {
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

/** A change to look at before it applies. */
export type PolicyTrial =
  /** Without an act: `suspend` for a confirmed rule, `confirm` for any other. */
  | { kind: 'rule'; id: string; act?: 'confirm' | 'suspend' | 'archive' | undefined }
  | { kind: 'draft'; stored: StoredRule }
  /** The rule that a word about a question would make. */
  | {
      kind: 'proposal'
      approval: string
      width: WidthName
      decision: 'allow' | 'ask'
      scope: ScopeName
    }
  /** These in place of the operator's policies. */
  | { kind: 'policies'; policies: OperatorPolicy[] }
  /** These besides the learned rules, or in place of those with the same ids. */
  | { kind: 'rules'; rules: StoredRule[] }

/** What became of a recorded question. */
export type Recorded =
  | 'allowed'
  | 'allowed by a lease'
  | 'allowed by a person'
  | 'denied by a person'
  | 'expired'
  | 'waiting'
  | 'blocked'

/** Recorded questions of one agent about one target that would have been answered otherwise, `times` of them; seq, time and risk are the latest's. */
export interface Flip {
  seq: number
  at: number
  agent: string
  type: string
  target: string
  risk: number
  was: Recorded
  would: Decision
  reason: string
  /** Of high risk, or allowed against a person's no. */
  grave: boolean
  times: number
}

export interface Simulation {
  change: string
  /** Recorded questions that were looked at, and how many would have been answered otherwise. */
  questions: number
  changed: number
  toAllow: number
  toAsk: number
  toBlock: number
  /** Of those that change: of high risk, or allowed against a person's no. */
  grave: number
  /** Most changes first. */
  byAgent: { agent: string; toAllow: number; toAsk: number; toBlock: number }[]
  /** The gravest first, then the latest; at most 200. */
  flips: Flip[]
  /** Questions that were left out: their agents are gone, and so are the templates that bound them. */
  leftOut: number
  /** What else is to be known about the answer. */
  notes: string[]
  /** From when to when, Unix milliseconds. */
  from: number | null
  until: number | null
  /** Milliseconds. */
  took: number
}

/** One of the things that are asked for an answer, in their order, and what it said. */
export interface WhyStep {
  layer: Reason['layer']
  id?: string
  text: string
  /** Whether its word was the answer. */ decided: boolean
}

/** How an answer came about, and what would have turned it. */
export interface Why {
  about: 'question'
  id: string
  seq: number
  at: number
  agent: string
  action: Action
  decision: Decision
  /** What became of it, in words. */
  became: string
  risk: { score: number; factors: Factor[] }
  path: WhyStep[]
  rules: { id: string; status: Status; decision: string; scope: ScopeName; text: string }[]
  now: Pick<Verdict, 'decision' | 'reasons'>
  /** What nothing that is clicked or learned can turn, in words. */
  limits: string[]
  /** The smallest changes that turn the answer that would be given now, smallest first, each with the command that makes it. */
  turns: Turn[]
}

export interface Turn {
  text: string
  command: string
}

/** Why a rule moved: the evidence up to then, latest first. */
export interface WhyRule {
  about: 'rule'
  /** Of the event. */
  id: string
  seq: number
  at: number
  actor: string
  rule: string
  summary: string
  from: Status | null
  to: Status
  /** In words. */
  because: string
  evidence: {
    seq: number
    at: number
    /** The action or approval, or ''. */ of: string
    text: string
  }[]
  /** What would move it back, or on. */
  turns: Turn[]
}

/** How files are taken in. Without `replace` or `keep`, a rule that is here already and differs is a reason to take nothing. */
export interface ImportInput {
  path: string
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean | undefined
  /** Rules that allow stay confirmed, with the evidence that the files hold for them. */
  trust?: boolean | undefined
  replace?: boolean | undefined
  keep?: boolean | undefined
}
export interface ImportReport {
  source: string
  /** What was found there, a file each. */
  found: string[]
  dryRun: boolean
  /** `kept`: they, or playbooks, differ from what is here, which stays. */
  rules: { made: number; changed: number; same: number; kept: number }
  /** Made or changed. */
  playbooks: number
  /** Lines of the log that were not here yet. */
  events: number
  /** Confirmed rules that came in as candidates. */
  candidates: string[]
  /** What is here already and differs, and in which fields. */
  conflicts: { id: string; differs: string[] }[]
  notes: string[]
}
export interface ExportReport {
  path: string
  files: { name: string; bytes: number; sha256: string }[]
  rules: number
  playbooks: number
  events: number
}

export interface PackRow {
  name: string
  about: string
  policies: number
  tests: number
  enabled: boolean
  origin: 'built-in' | 'yours'
  path: string
  problem: string | null
}

/** How often a person was interrupted, what was wished for, and what would bring it there. Rates are per hour in which anything was asked. */
export interface BudgetReport {
  /** At most so many an hour; null: no wish. */
  perHour: number | null
  /** In the last hour. */
  now: number
  /** Over the recorded past that was looked at. */
  usual: number
  hours: number
  questions: number
  /** What would be left of it today: some of it is answered by what has changed since, or was asked by agents that are gone. */
  today: number
  proposals: BudgetProposal[]
  /** If all of them were taken. */
  after: number
  /** Why the rest of it stays with a person, most of it first. */
  rest: { because: string; perHour: number }[]
}
export interface BudgetProposal {
  kind: 'rule' | 'lease'
  text: string
  width: WidthName
  agent: string
  /** The approval that the command is about; '' for a lease on what is not waiting now. */
  approval: string
  /** Interruptions an hour. */
  saves: number
  /** What it would have let through, most often first, at most 20. */
  past: { target: string; times: number; allowed: number; denied: number; expired: number }[]
  /** So many more than are shown. */
  more: number
  command: string
}
