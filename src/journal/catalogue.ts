import type { BackendKind, Isolation } from '../ports/pods.ts'
import type { Drift } from '../domain/templates/types.ts'
import type { Action, Decision, Reason, Risk } from '../domain/policy/types.ts'
import type { RuleChange, RuleEventType, StoredPlaybook } from '../domain/rules/types.ts'
import type { Outcome } from '../domain/approvals/types.ts'
import type { Lease } from '../domain/leases/types.ts'

type Nothing = Record<string, never>

/** Every event of the deck, with what its body holds. Past tense; the journal knows no others. */
export interface EventBodies extends Record<RuleEventType, RuleChange> {
  'deck.initialised': { version: string; keyId: string }
  'supervisor.started': { version: string; pid: number; backend: string }
  'supervisor.stopped': { reason: string }
  'backend.changed': { kind: BackendKind; ready: boolean; title: string }
  'agent.created': {
    template: string
    backend: BackendKind
    isolation: Isolation
    unenforced: string[]
    lock: string
  }
  'agent.start_requested': { forced: boolean }
  'agent.restart_requested': Nothing
  'agent.started': {
    podId: string
    isolation: Isolation
    unenforced: string[]
    behindOurBack: boolean
  }
  'agent.door_opened': { address: string }
  'agent.door_closed': { reason: string }
  'agent.stop_requested': Nothing
  'agent.stopped': { exitCode: number | null; note: string }
  'agent.exited': { exitCode: number | null; note: string }
  'agent.failed': { note: string }
  'agent.drifted': { drift: Drift[] }
  'agent.relocked': { drift: Drift[]; lock: string }
  'agent.deleted': { trash: string; lock: string }
  'agent.restored': {
    template: string
    backend: BackendKind
    isolation: Isolation
    unenforced: string[]
    lock: string
  }
  'agent.command_run': { argv: string[] }
  'action.decided': {
    id: string
    action: Action
    fingerprint: string
    risk: Risk
    decision: Decision
    reasons: Reason[]
    lease: string | null
    policies: string[]
    rule?: string | null
  }
  'action.refused': { reason: string; what: string }
  'action.reported': { id: string; outcome: Outcome }
  'approval.requested': {
    id: string
    action: Action
    fingerprint: string
    risk: Risk
    reasons: Reason[]
    policies: string[]
    expiresAt: number
  }
  'approval.decided': {
    id: string
    state: 'allowed' | 'denied'
    note: string
    edited: Action | null
    lease: string | null
  }
  'approval.expired': { id: string; note: string }
  'lease.granted': { lease: Lease }
  'lease.revoked': { id: string }
  'lease.expired': { id: string }
  'policies.changed': { hash: string; count: number; problem: string | null }
  'playbook.saved': { playbook: StoredPlaybook }
  'playbook.removed': { id: string }
  'rules.imported': { source: string; rules: number; playbooks: number; lines: string[] }
  'rules.exported': { path: string; rules: number }
  'budget.set': { perHour: number | null }
  'session.opened': {
    id: string
    title: string
    argv: string[]
    columns: number
    rows: number
    handle: string
  }
  'session.ended': {
    id: string
    exitCode: number | null
    note: string
    bytes: number
    sha256: string
  }
  'image.built': { tag: string; digest: string; base: string }
  'audit.exported': { path: string; events: number; head: string }
}

export type EventType = keyof EventBodies
