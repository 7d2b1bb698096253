import type { AgentKeyService } from '../domain/agents/keys/types.ts'
import type { FreezeService } from '../domain/agents/freezing/types.ts'
import type { AgentService, ImageService } from '../domain/agents/types.ts'
import type { EgressService } from '../domain/egress/types.ts'
import type { Guard } from '../domain/approvals/guard.ts'
import type { ApprovalService, OnlookerService } from '../domain/approvals/types.ts'
import type { DoorService } from '../domain/doors/types.ts'
import type { PairingService } from '../domain/operators/pairing/types.ts'
import type { OperatorService } from '../domain/operators/types.ts'
import type { PolicyService } from '../domain/policy/types.ts'
import type { RuleService, PlaybookService } from '../domain/rules/types.ts'
import type { Shells } from '../domain/shells/types.ts'
import type { Templates } from '../domain/templates/types.ts'
import type { Audit } from '../journal/types.ts'
import type { BackendReport } from '../ports/pods.ts'
import type { LeaseService } from '../domain/leases/types.ts'
import type { PackService } from '../domain/policy/packs/types.ts'
import type { BudgetService } from '../domain/rules/budget/types.ts'
import type { RuleFileService } from '../domain/rules/files/types.ts'
import type { ApiServices } from './api/services.ts'
import type { World } from './wire.ts'
import type { WebhookService } from '../domain/webhooks/types.ts'
import type { RuleTrialService } from '../domain/rules/trials/types.ts'

/**
 * Services that need only the journal, by name. A noun with such a service declares it beside its
 * commands, and the deck is composed with it.
 */
// oxlint-disable-next-line typescript/no-empty-interface
export interface RecordServices {}

/** What acts run on: the services of the deck, by noun. */
export interface Deck extends DeckParts, RecordServices {}

export interface DeckParts {
  operators: OperatorService
  access: PairingService
  agentKeys: AgentKeyService
  doors: DoorService
  agents: AgentService
  freezing: FreezeService
  egress: EgressService
  templates: Templates
  policy: PolicyService
  playbooks: PlaybookService
  rules: RuleService & RuleTrialService & RuleFileService
  packs: PackService
  budget: BudgetService
  approvals: ApprovalService
  onlookers: OnlookerService
  leases: LeaseService
  shells: Shells
  audit: Audit
  images: ImageService
  guard: Guard
  webhooks: WebhookService
  supervisor: Supervisor
  chat: ChatControl
  watch: Watch
  /** The services of the governance API, loaded when first needed. */
  governance: () => Promise<ApiServices>
}

/** What doors mirror. */
export interface Watch {
  snapshot(): World
  /** The agent that a mirrored row belongs to; undefined if it is the whole deck's. */
  agentOf(noun: string, row: object): string | undefined
  /** Calls with each frame from now on, as a line of JSON. The returned function ends it. */
  follow(take: (line: string) => void): () => void
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
  /** Why the journal is not trusted; null while it is. */
  journalProblem: string | null
  agents: number
  up: number
  waiting: number
  shells: number
  keyId: string
  /** How far the system clock is behind the latest event, whose time the deck goes by then. */
  clockBehindMs: number
  /** Null without a bot. */
  chat: ChatStatus | null
}

/** The bot through which people decide in a chat. */
export interface ChatControl {
  /** Uses this token from now on. Faults: `input.invalid`, `not.possible`. */
  connect(token: string, actor: string): Promise<ConnectedBot>
  /** Forgets the token. Fault `not.possible` */
  disconnect(actor: string): Promise<ConnectedBot>
}

/** The public name of a bot, without `@`. */
export interface ConnectedBot {
  bot: string
}

/** How the door to a chat service is. */
export interface ChatStatus {
  /** Its public name; null until the service was reached once. */
  bot: string | null
  /** Unix milliseconds. */
  lastContactAt: number | null
  /** Why there is no contact; null while there is. */
  problem: string | null
  /** Paired chats. */
  chats: number
  /** Messages of people who are not paired, all told. */
  ignored: number
}

export interface Supervisor {
  status(): Promise<SupervisorStatus>
  stop(): Promise<{ stopping: true }>
  reconcile(): Promise<{ checked: number }>
}
