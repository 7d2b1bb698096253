import type { Agent, TrashedAgent } from '../domain/agents/types.ts'
import type { Approval, Lease, LeaseTerms } from '../domain/approvals/types.ts'
import type {
  Action,
  OperatorPolicy,
  PolicyFile,
  PolicyRow,
  Verdict,
} from '../domain/policy/types.ts'
import type {
  BudgetReport,
  ExportReport,
  ImportInput,
  ImportReport,
  PackRow,
  PlaybookRow,
  PolicyTrial,
  RuleDetail,
  RuleEdit,
  RuleMoment,
  RuleProposal,
  RuleRow,
  RuleStatus,
  ScopeName,
  Simulation,
  Status,
  Why,
  WhyRule,
  WidthName,
} from '../domain/policy/learning/types.ts'
import type { Session } from '../domain/sessions/types.ts'
import type {
  Compiled,
  Drift,
  Explanation,
  PolicyLock,
  Template,
  TemplateSummary,
} from '../domain/templates/types.ts'
import type { Checkpoint, DeckEvent, Verification } from '../journal/types.ts'
import type { BackendKind, BackendReport, PodFacts, PodUsage } from '../ports/pods.ts'

/** Everything that can be asked of the deck, by noun. Every door says these sentences; the supervisor keeps them. */
export interface Deck {
  agents: Agents
  templates: Templates
  policy: Policies
  playbooks: Playbooks
  rules: Rules & RuleTrials & RuleFiles
  packs: Packs
  budget: Budget
  approvals: Approvals
  leases: Leases
  sessions: Sessions
  audit: Audit
  images: Images
  supervisor: Supervisor
}

export interface Agents {
  create(
    input: { template: string; agent: string; backend?: BackendKind | undefined },
    actor: string,
  ): Promise<Agent>
  list(): Promise<Agent[]>
  get(agent: string): Promise<Agent>
  start(agent: string, force: boolean, actor: string): Promise<Agent>
  stop(agent: string, actor: string): Promise<Agent>
  restart(agent: string, actor: string): Promise<Agent>
  remove(agent: string, force: boolean, actor: string): Promise<TrashedAgent>
  restore(agent: string, actor: string): Promise<Agent>
  trash(): Promise<TrashedAgent[]>
  inspect(agent: string): Promise<{
    agent: Agent
    pod: PodFacts | null
    spec: unknown
    lock: unknown
    usage: PodUsage | null
    folder: string
  }>
  logs(
    agent: string,
    options: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncIterable<{ at: number; stream: string; text: string }>
  exec(
    agent: string,
    argv: string[],
    actor: string,
    signal: AbortSignal,
    stdin?: Uint8Array,
  ): AsyncIterable<{ stream: 'stdout' | 'stderr'; base64: string } | { exitCode: number }>
  stats(): Promise<Record<string, PodUsage>>
}

export interface Templates {
  list(): Promise<TemplateSummary[]>
  show(name: string): Promise<{ template: Template; path: string; text: string }>
}

export interface Policies {
  show(
    agent: string,
  ): Promise<Omit<Compiled, 'template'> & { template: Template; lock: PolicyLock }>
  explain(agent: string): Promise<Explanation>
  validate(agent: string): Promise<{ agent: string; ok: boolean; drift: Drift[] }>
  list(): Promise<{ policies: PolicyRow[]; file: PolicyFile; leases: Lease[] }>
  add(
    policy: Omit<OperatorPolicy, 'id'> & { id?: string | undefined },
    actor: string,
  ): Promise<OperatorPolicy>
  remove(id: string, actor: string): Promise<OperatorPolicy>
  /** What would be answered, without asking anyone or writing anything down. */
  test(
    agent: string,
    action: {
      type: string
      target: string
      reversible?: boolean | undefined
      systems?: string[] | undefined
      goal?: string | undefined
    },
  ): Promise<Verdict & { action: Action }>
}

/** Learned rules: what they are, what they would do, and what a person makes of them. Faults: `not.found`, `not.possible`, `refused`. */
export interface Rules {
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

/** To be seen before it applies. */
export interface RuleTrials {
  /** What of the recorded past would have been answered otherwise. Changes nothing. Faults: `not.found`, `not.possible`, `policies.invalid` with the place. */
  simulate(
    trial: PolicyTrial | { kind: 'file'; path: string },
    options: { agent?: string | undefined; since?: number | undefined; signal: AbortSignal },
  ): Promise<Simulation>
  /** `id`: an action, an approval, or the number of an event of theirs or of a rule. Fault `not.found`. */
  why(id: string): Promise<Why | WhyRule>
}

/** Rules that travel. */
export interface RuleFiles {
  /** From a folder, or one file of it; all or nothing. Faults: `not.found`, `policies.invalid`, `input.invalid`, `not.possible` where what is here differs. */
  import(input: ImportInput, actor: string): Promise<ImportReport>
  /** `plain`: without what the original would refuse. All files or none. Faults: `not.possible`, `input.invalid`. */
  export(input: { path: string; plain?: boolean | undefined }, actor: string): Promise<ExportReport>
  /** Weak hints from the history of a repository. */
  analyze(input: { path: string; commits: number }, actor: string): Promise<ImportReport>
}

export interface Playbooks {
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

export interface Packs {
  list(): Promise<PackRow[]>
  show(name: string): Promise<{ pack: PackRow; policies: OperatorPolicy[]; text: string }>
  /** Runs the cases inside. Fault `policies.invalid` names the first that fails. */
  test(name: string): Promise<{ name: string; cases: number }>
  enable(name: string, actor: string): Promise<PackRow>
  disable(name: string, actor: string): Promise<PackRow>
}

export interface Budget {
  report(): Promise<BudgetReport>
  set(perHour: number | null, actor: string): Promise<BudgetReport>
}

export interface Approvals {
  list(state: 'pending' | 'decided' | 'all', limit: number): Promise<Approval[]>
  get(id: string): Promise<Approval>
  allow(
    id: string,
    options: {
      note?: string | undefined
      lease?: LeaseTerms | undefined
      edit?: { target?: string | undefined; argv?: string[] | undefined } | undefined
    },
    actor: string,
  ): Promise<Approval>
  /** With `remember`, a block policy for exactly this is written as well. */
  deny(
    id: string,
    options: { note?: string | undefined; remember?: boolean | undefined },
    actor: string,
  ): Promise<Approval>
  why(id: string): Promise<{ approval: Approval; verdict: Verdict; steps: string[] }>
}

export interface Leases {
  list(state: 'active' | 'all'): Promise<Lease[]>
  revoke(id: string, actor: string): Promise<Lease>
}

export interface Sessions {
  list(): Promise<Session[]>
  /** Opens a shell (or `argv`) in a running pod. The bytes flow over the attach route. */
  open(
    agent: string,
    options: { argv?: string[] | undefined; columns: number; rows: number },
    actor: string,
  ): Promise<Session>
  end(id: string, actor: string): Promise<Session>
}

export interface SearchOptions {
  text?: string | undefined
  agent?: string | undefined
  type?: string | undefined
  since?: number | undefined
  before?: number | undefined
  limit: number
}

export interface Audit {
  tail(options: {
    limit: number
    follow: boolean
    agent?: string | undefined
    signal: AbortSignal
  }): AsyncIterable<DeckEvent>
  /** Newest first. */
  search(options: SearchOptions): Promise<DeckEvent[]>
  verify(options: { file?: string | undefined; deep?: boolean | undefined }): Promise<Verification>
  export(path: string, actor: string): Promise<{ path: string; events: number; head: string }>
  rebuild(): Promise<{ events: number; same: boolean; differences: string[] }>
  checkpoint(): Promise<Checkpoint>
}

export interface Images {
  build(
    options: { tag: string; base: string; noCache: boolean; signal: AbortSignal },
    actor: string,
  ): AsyncIterable<{ line: string } | { tag: string; digest: string }>
}

export interface SupervisorStatus {
  pid: number
  version: string
  home: string
  socket: string
  startedAt: number
  backend: BackendReport
  memoryBytes: number
  events: number
  head: string
  agents: number
  up: number
  waiting: number
  sessions: number
  keyId: string
}

export interface Supervisor {
  status(): Promise<SupervisorStatus>
  stop(): Promise<{ stopping: true }>
  reconcile(): Promise<{ checked: number }>
}
