import type { DeskSignal } from '../../src/domain/governance/signals/types.ts'
import type { DeckFacts } from '../../src/commands/wire.ts'
import type { Agent } from '../../src/domain/agents/types.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import type { Action, PolicyRow } from '../../src/domain/policy/types.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import type { Lease } from '../../src/domain/leases/types.ts'

/** An action as a guard door would shape it. */
export function anAction(part: Partial<Action> = {}): Action {
  return {
    type: 'exec',
    target: 'git push origin main',
    argv: [],
    cwd: '/workspace',
    reversible: null,
    systems: [],
    goal: '',
    scope: '',
    claimedRisk: null,
    extra: {},
    ...part,
  }
}

export function anAgent(name: string, part: Partial<Agent> = {}): Agent {
  return {
    name,
    template: 'coder',
    backend: 'podman',
    isolation: 'container',
    wish: 'up',
    phase: 'up',
    since: Date.now() - 7_200_000,
    podId: `pod-${name}`,
    exitCode: null,
    note: '',
    drift: [],
    lock: '',
    unenforced: [],
    door: 'http://127.0.0.1:3000',
    createdAt: Date.now() - 86_400_000,
    startedBy: 'maya',
    asking: 0,
    ...part,
  }
}

export function anApproval(id: string, part: Partial<Approval> = {}): Approval {
  return {
    id,
    agent: 'backend',
    action: anAction(),
    risk: {
      score: 45,
      factors: [
        { label: 'touches a remote', points: 25 },
        { label: 'not seen before', points: 20 },
      ],
    },
    reasons: [{ layer: 'default', text: 'no rule answers this, so a person does' }],
    fingerprint: '0123456789abcdef',
    askedAt: Date.now() - 48_000,
    expiresAt: Date.now() + 252_000,
    state: 'pending',
    decidedAt: null,
    by: '',
    note: '',
    edited: null,
    lease: null,
    outcome: null,
    precedent: { allowed: 11, denied: 0, lastAt: Date.now() - 7_200_000 },
    ...part,
  }
}

export function anEvent(
  seq: number,
  part: Partial<DeckEvent> & { type: DeckEvent['type'] },
): DeckEvent {
  return {
    seq,
    at: Date.now(),
    actor: 'supervisor',
    subject: '',
    body: {} as never,
    prev: 'p'.repeat(64),
    hash: 'h'.repeat(64),
    ...part,
  } as DeckEvent
}

export function aLease(id: string, part: Partial<Lease> = {}): Lease {
  return {
    id,
    agent: 'scout',
    type: 'net',
    target: 'GET registry.npmjs.org/*',
    maxRisk: 40,
    uses: 20,
    usesLeft: 14,
    grantedAt: Date.now() - 600_000,
    expiresAt: Date.now() + 1_500_000,
    grantedBy: 'operator:console',
    state: 'active',
    ...part,
  }
}

export function aPolicy(id: string, part: Partial<PolicyRow> = {}): PolicyRow {
  return {
    id,
    effect: 'allow',
    type: 'exec',
    target: 'git status*',
    uses: 0,
    lastUsedAt: null,
    ...part,
  }
}

export const facts: DeckFacts = {
  version: '0.1.0',
  home: '/home/me/.clawdeck',
  demo: false,
  startedAt: 0,
  events: 18_402,
  verified: true,
  journalProblem: null,
  policyFile: { path: '/home/me/.clawdeck/policies.yaml', problem: null },
  rules: { hint: 0, candidate: 0, confirmed: 0, suspended: 0, archived: 0 },
  backend: {
    kind: 'podman',
    ready: true,
    title: 'podman rootless',
    version: '4.3.1',
    rootless: true,
    isolation: 'container',
    enforces: {
      memory: true,
      cpu: true,
      pids: true,
      seccomp: true,
      network: true,
      readOnlyRoot: true,
    },
    problems: [],
  },
}

export function aSignal(some: Partial<DeskSignal> = {}): DeskSignal {
  return {
    id: 'org/1',
    org: 'org',
    agent: 'a1',
    agent_id: 'a1',
    approval: '',
    type: 'agent_silent',
    severity: 'amber',
    label: 'a1 is silent',
    detail: 'Last heartbeat 11 min ago',
    help: 'Check that the agent still runs.',
    ...some,
  }
}
