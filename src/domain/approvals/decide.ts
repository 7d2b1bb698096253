import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { literal } from '../../base/glob.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { edited } from '../policy/normalise.ts'
import type { Action, Verdict } from '../policy/types.ts'
import type { Learner } from './service.ts'
import type { Approval } from './types.ts'
import type { Lease, LeaseTerms } from '../leases/types.ts'

export interface DecideParts {
  journal: Journal
  store: Store
  clock: Clock
  /** What the guard would answer now for this action of this agent. */
  judge: (agent: string, action: Action) => Verdict
  learner: Pick<Learner, 'ready' | 'learn'>
  /** Writes "never again" down as a policy of the operator. */
  remember: (approval: Approval, actor: string) => Promise<void>
}

type Decided = Draft<'approval.decided'>

export interface AllowOptions {
  note?: string | undefined
  lease?: LeaseTerms | undefined
  edit?: { target?: string | undefined; argv?: string[] | undefined } | undefined
}

/** The operator's side of approvals. The first decision wins; whoever comes second is told who decided. */
export function approvalService(parts: DecideParts) {
  const { journal, store, clock } = parts
  const byState = store.prepare<[string, number], { row: string }>(
    'SELECT row FROM approval WHERE state = ? ORDER BY askedAt LIMIT ?',
  )
  const latest = store.prepare<[number], { row: string }>(
    "SELECT row FROM approval WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT ?",
  )
  const all = store.prepare<[number], { row: string }>(
    'SELECT row FROM approval ORDER BY askedAt DESC LIMIT ?',
  )
  const rowsOf = (found: { row: string }[]) => found.map(({ row }) => JSON.parse(row) as Approval)

  async function get(id: string): Promise<Approval> {
    const approval = journal.rows.get<Approval>('approval', id)
    if (approval === undefined) throw unknown(id)
    return approval
  }

  async function list(state: 'pending' | 'decided' | 'all', limit: number): Promise<Approval[]> {
    if (state === 'pending')
      return rowsOf(byState.all('pending', limit)).toSorted(
        (a, b) => b.risk.score - a.risk.score || a.expiresAt - b.expiresAt,
      )
    return rowsOf((state === 'decided' ? latest : all).all(limit))
  }

  async function decide(
    id: string,
    make: (approval: Approval) => [Decided, ...Draft[]],
  ): Promise<Approval> {
    await parts.learner.ready
    await journal.append(() => {
      // Its event carries the time at which it was looked at: none is ever written down as later than its approval's end.
      const at = clock.now()
      const approval = stillPending(journal.rows.get<Approval>('approval', id), id, at)
      const drafts = make(approval)
      return [...drafts, ...lessons(parts, approval, drafts[0].body)].map((draft) => ({
        ...draft,
        at,
      }))
    })
    return get(id)
  }

  return {
    get,
    list,
    allow: (id: string, options: AllowOptions, actor: string) =>
      decide(id, (approval) => allowed(parts, approval, options, actor)),
    async deny(
      id: string,
      options: { note?: string | undefined; remember?: boolean | undefined },
      actor: string,
    ): Promise<Approval> {
      const approval = await decide(id, (a) => [
        {
          type: 'approval.decided',
          actor,
          subject: a.agent,
          body: { id, state: 'denied', note: options.note ?? '', edited: null, lease: null },
        },
      ])
      if (options.remember === true) await parts.remember(approval, actor)
      return approval
    },
    async why(id: string): Promise<{ approval: Approval; verdict: Verdict; steps: string[] }> {
      const approval = await get(id)
      const verdict = parts.judge(approval.agent, approval.action)
      return { approval, verdict, steps: steps(approval, verdict) }
    },
  }
}

/** What a person's word teaches: about what was allowed, or about what was asked and refused. */
function lessons(
  { journal, judge, learner }: DecideParts,
  approval: Approval,
  { state, edited: instead }: { state: 'allowed' | 'denied'; edited: Action | null },
): Draft[] {
  const template = journal.rows.get<{ template: string }>('agent', approval.agent)?.template
  if (template === undefined) return []
  const doer = { name: approval.agent, template }
  if (state === 'denied')
    return learner.learn({
      of: approval.id,
      doer,
      action: approval.action,
      risk: approval.risk,
      ran: false,
      result: 'cancel',
      prompted: true,
      override: 'blocked_auto_execute',
    })
  const risk = instead === null ? approval.risk : judge(approval.agent, instead).risk
  return learner.learn({
    of: approval.id,
    doer,
    action: instead ?? approval.action,
    risk,
    ran: true,
    result: 'success',
    prompted: true,
    askedAt: approval.askedAt,
    override: 'confirmed_after_prompt',
  })
}

/** A yes, to what was asked or to what the operator made of it; with a lease, for more of what is allowed now. */
function allowed(
  { judge, clock }: DecideParts,
  approval: Approval,
  options: AllowOptions,
  actor: string,
): [Decided, ...Draft[]] {
  const action = options.edit === undefined ? null : edited(approval.action, options.edit)
  const verdict = action === null ? undefined : judge(approval.agent, action)
  if (verdict !== undefined) refuseBeyondLock(verdict)
  const decided = (lease: string | null): Decided => ({
    type: 'approval.decided',
    actor,
    subject: approval.agent,
    body: { id: approval.id, state: 'allowed', note: options.note ?? '', edited: action, lease },
  })
  if (options.lease === undefined) return [decided(null)]
  const lease = leaseOf(
    {
      agent: approval.agent,
      action: action ?? approval.action,
      risk: verdict?.risk ?? approval.risk,
    },
    options.lease,
    actor,
    clock.now(),
  )
  return [
    decided(lease.id),
    {
      type: 'lease.granted',
      actor,
      subject: lease.agent === '*' ? '' : lease.agent,
      body: { lease },
    },
  ]
}

function stillPending(approval: Approval | undefined, id: string, now: number): Approval {
  if (approval === undefined) throw unknown(id)
  if (approval.state !== 'pending')
    throw new Fault(
      'approval.decided',
      `${id} is already ${approval.state}${approval.by === '' ? '' : ` by ${approval.by}`}`,
      { hint: 'The first decision stands.' },
    )
  if (now >= approval.expiresAt)
    throw new Fault('approval.decided', `${id} expired, which means deny`, {
      hint: 'The agent may ask again.',
    })
  return approval
}

function unknown(id: string): Fault {
  return new Fault('approval.unknown', `no approval ${id}`, {
    hint: '`clawdeck approvals list` shows what waits.',
  })
}

function refuseBeyondLock(verdict: Verdict): void {
  const bound =
    verdict.decision === 'block' ? verdict.reasons.find((r) => r.layer === 'lock') : undefined
  if (bound !== undefined)
    throw new Fault('refused', `the lock forbids what you changed it to: ${bound.text}`, {
      hint: 'Nothing clicked goes beyond the signed bounds.',
    })
}

/** A lease covers further uses, beyond the one that is allowed now, of what is allowed now, and nothing riskier. */
function leaseOf(
  allowed: Pick<Approval, 'agent' | 'action' | 'risk'>,
  terms: LeaseTerms,
  actor: string,
  now: number,
): Lease {
  return {
    id: newId('lea'),
    agent: terms.agent ?? allowed.agent,
    type: allowed.action.type,
    target: terms.target ?? literal(allowed.action.target),
    maxRisk: allowed.risk.score,
    uses: terms.uses,
    usesLeft: terms.uses,
    grantedAt: now,
    expiresAt: now + Math.round(terms.minutes * 60_000),
    grantedBy: actor,
    state: 'active',
  }
}

function steps(approval: Approval, verdict: Verdict): string[] {
  const factors = approval.risk.factors
    .map((f) => `${f.label} ${f.points >= 0 ? '+' : ''}${f.points}`)
    .join(' · ')
  return [
    `asked: ${approval.action.type} ${approval.action.target}`,
    `risk ${approval.risk.score}: ${factors === '' ? 'no factors' : factors}`,
    ...approval.reasons.map((r) => `${r.layer}${r.id === undefined ? '' : ` ${r.id}`}: ${r.text}`),
    ...(approval.state === 'pending'
      ? []
      : [`${approval.state} by ${approval.by}${approval.note === '' ? '' : `: ${approval.note}`}`]),
    `asked again now, the answer would be: ${verdict.decision}`,
    ...verdict.reasons.map((r) => `  ${r.layer}${r.id === undefined ? '' : ` ${r.id}`}: ${r.text}`),
  ]
}
