import type { Agent, AgentService, TrashedAgent } from '../domain/agents/types.ts'
import type { Approval, DecidedApprovals, ApprovalService } from '../domain/approvals/types.ts'
import type { EgressOverview } from '../domain/egress/types.ts'
import type { PackRow, PackService } from '../domain/policy/packs/types.ts'
import type { OperatorPolicy, PolicyService } from '../domain/policy/types.ts'
import type { PolicyPage } from '../domain/governance/compliance/types.ts'
import type { BudgetReport } from '../domain/rules/budget/types.ts'
import type { ExportReport, ImportReport } from '../domain/rules/files/types.ts'
import type {
  EvaluateReport,
  LabUpdate,
  TrainReport,
  TuneReport,
} from '../domain/rules/lab/types.ts'
import type { Simulation } from '../domain/rules/trials/types.ts'
import type {
  PlaybookRow,
  PlaybookService,
  RuleDetail,
  RuleMoment,
  RuleProposal,
  RuleRow,
  RuleStatus,
} from '../domain/rules/types.ts'
import type { Why, WhyRule } from '../domain/rules/why/types.ts'
import type { Explanation, TemplateSummary, Templates } from '../domain/templates/types.ts'
import type { AcceptedLoss, Audit, Checkpoint, DeckEvent, Verification } from '../journal/types.ts'
import type { PodUsage } from '../ports/pods.ts'
import type { Delivery } from '../domain/webhooks/types.ts'
import type { AgentWork, DeskTrace } from '../domain/governance/ledger/desk.ts'
import type { GovernanceSignal } from '../domain/governance/signals/types.ts'
import type { SupervisorStatus } from './deck.ts'

type AnswerOf<S, M extends keyof S> = S[M] extends (...args: never[]) => infer R
  ? Awaited<R>
  : never

/** An action of the ledger, and how it was decided; null if the guard was not asked. */
export interface ShownTrace extends DeskTrace {
  why: Why | null
}

/** What an agent does, and what somebody should look at. */
export interface ShownWork extends AgentWork {
  signals: GovernanceSignal[]
}

/**
 * The kinds of answers, by which doors show them, and their types. Answers without one are JSON.
 */
export interface Answers {
  agents: Agent[]
  agent: Agent
  'new-agent': Agent
  'agent-or-deck': Agent | SupervisorStatus
  inspection: AnswerOf<AgentService, 'inspect'>
  trash: TrashedAgent[]
  usage: Record<string, PodUsage>
  approvals: Approval[]
  approval: Approval
  decided: DecidedApprovals
  'approval-why': AnswerOf<ApprovalService, 'why'>
  events: DeckEvent[]
  verification: Verification
  export: AnswerOf<Audit, 'export'>
  rebuild: AnswerOf<Audit, 'rebuild'>
  checkpoint: Checkpoint
  'accepted-loss': AcceptedLoss
  deck: SupervisorStatus
  deliveries: Delivery[]
  packs: PackRow[]
  pack: AnswerOf<PackService, 'show'>
  playbooks: PlaybookRow[]
  playbook: PlaybookRow
  'playbook-applied': RuleRow[]
  'playbook-suggestions': AnswerOf<PlaybookService, 'suggest'>
  templates: TemplateSummary[]
  template: AnswerOf<Templates, 'show'>
  lock: AnswerOf<PolicyService, 'show'>
  explanation: Explanation
  egress: EgressOverview
  drift: AnswerOf<PolicyService, 'validate'>
  policies: AnswerOf<PolicyService, 'list'>
  policy: OperatorPolicy
  'policy-test': AnswerOf<PolicyService, 'test'>
  rules: RuleRow[]
  'rule-page': RuleDetail
  'rule-status': RuleStatus
  'rule-moments': RuleMoment[]
  'risky-rules': RuleRow[]
  'suspended-rules': RuleRow[]
  'rule-proposals': RuleProposal[]
  rule: RuleRow
  'changed-rules': RuleRow[]
  'rule-import': ImportReport
  'rule-export': ExportReport
  simulation: Simulation
  why: Why | WhyRule
  budget: BudgetReport
  'action-trace': ShownTrace
  'agent-work': ShownWork
  'api-policy': PolicyPage
}

/** The kinds of streams, with the types of their items. */
export interface StreamedAnswers {
  'log-lines': { at: number; stream: string; text: string }
  'command-output': { stream: 'stdout' | 'stderr'; base64: string } | { exitCode: number }
  'build-lines': { line: string } | { tag: string; digest: string }
  'followed-events': DeckEvent
  'lab-updates': LabUpdate<TrainReport | EvaluateReport | TuneReport>
}

export type StreamKind = keyof StreamedAnswers
export type AnswerKind = keyof Answers | StreamKind

/** The kinds for answers of this type. */
export type KindsOf<O> = {
  [K in AnswerKind]: O extends (Answers & StreamedAnswers)[K] ? K : never
}[AnswerKind]
