import type { FakeWorld } from './fake-link.ts'
import { anAction, anAgent, anApproval, anEvent, aLease, aPolicy } from './fake-rows.ts'

const EVENT_TYPES = ['action.decided', 'shell.opened', 'agent.started'] as const

/** The fleet of the design's drawing. */
export function fleet(): FakeWorld {
  const at = Date.now()
  return {
    seq: 18_402,
    agents: [
      anAgent('backend', { asking: 1 }),
      anAgent('legacy', {
        phase: 'drifted',
        drift: [
          { what: 'image', from: `sha256:${'a'.repeat(64)}`, to: `sha256:${'b'.repeat(64)}` },
        ],
        wish: 'down',
      }),
      anAgent('ops', {
        template: 'devops',
        phase: 'stopped',
        wish: 'down',
        unenforced: ['memory', 'cpu'],
      }),
      anAgent('reviewer', { template: 'reviewer', since: at - 300_000 }),
      anAgent('scout', { template: 'security', isolation: 'none', backend: 'local', asking: 1 }),
    ],
    usage: {
      backend: { cpuPercent: 3, memoryBytes: 212 * 1024 ** 2, pids: 12 },
      scout: { cpuPercent: 1, memoryBytes: 64 * 1024 ** 2, pids: 3 },
      reviewer: { cpuPercent: 0, memoryBytes: 48 * 1024 ** 2, pids: 3 },
    },
    approvals: [
      anApproval('apr_1', {
        risk: {
          score: 82,
          factors: [
            { label: 'not reversible', points: 25 },
            { label: 'touches prod', points: 20 },
            { label: 'writes to a remote', points: 22 },
            { label: 'agent is unsure', points: 15 },
          ],
        },
        action: anAction({
          goal: 'publish the fix for the login page',
          reversible: false,
          systems: ['prod'],
          argv: ['git', 'push', 'origin', 'main'],
        }),
      }),
      anApproval('apr_2', {
        agent: 'scout',
        action: anAction({ type: 'net', target: 'POST api.stripe.com/v1/charges' }),
        risk: {
          score: 61,
          factors: [
            { label: 'leaves the machine', points: 30 },
            { label: 'spends', points: 31 },
          ],
        },
        expiresAt: at + 220_000,
        precedent: { allowed: 0, denied: 0, lastAt: null },
      }),
      anApproval('apr_3', {
        agent: 'reviewer',
        action: anAction({ type: 'file', target: 'write docs/plan.md' }),
        risk: { score: 35, factors: [{ label: 'writes a file', points: 35 }] },
        expiresAt: at + 58_000,
      }),
    ],
    leases: [aLease('lea_1')],
    policies: [
      aPolicy('pol_1', { uses: 44, lastUsedAt: at - 120_000 }),
      aPolicy('pol_2', {
        effect: 'block',
        target: 'rm -rf /*',
        uses: 2,
        lastUsedAt: at - 7_000_000,
      }),
      aPolicy('pol_3', { effect: 'ask', type: 'net', target: 'POST *', riskAtLeast: 40 }),
    ],
    events: Array.from({ length: 40 }, (_, i) =>
      i % 4 === 0
        ? anEvent(18_363 + i, {
            type: 'approval.requested',
            subject: 'backend',
            at: at - (40 - i) * 1500,
            actor: 'agent:backend',
            body: { action: anAction() } as never,
          })
        : anEvent(18_363 + i, {
            type: EVENT_TYPES[(i % 4) - 1] as (typeof EVENT_TYPES)[number],
            subject: ['scout', 'reviewer', 'backend'][i % 3] as string,
            at: at - (40 - i) * 1500,
            body: {
              decision: 'allow',
              action: anAction({ type: 'net', target: 'GET registry.npmjs.org/left-pad' }),
              title: 'sh',
              columns: 80,
              rows: 24,
              podId: 'pod-1',
              isolation: 'container',
            } as never,
          }),
    ),
  }
}
