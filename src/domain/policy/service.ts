import { newId } from '../../base/ids.ts'
import { literal } from '../../base/glob.ts'
import { Fault } from '../../base/fault.ts'
import type { agentView } from '../agents/view.ts'
import type { Agent } from '../agents/types.ts'
import type { Approval } from '../approvals/types.ts'
import { evaluate } from './evaluate.ts'
import type { PolicyUse } from './noun.ts'
import { normalise } from './normalise.ts'
import { assessRisk } from './risk.ts'
import type { PolicyFileHandle } from './policies-file.ts'
import type {
  Action,
  Doer,
  Learned,
  OperatorPolicy,
  PolicyService,
  PolicyRow,
  Risk,
  Verdict,
} from './types.ts'
import { explain } from '../templates/explain.ts'
import type { Compiled } from '../templates/types.ts'
import type { Journal } from '../../journal/journal.ts'
import type { BackendKind, BackendReport } from '../../ports/pods.ts'
import type { Lease } from '../leases/types.ts'

export interface PolicyParts {
  journal: Journal
  file: PolicyFileHandle
  look: ReturnType<typeof agentView>
  get: (agent: string) => Promise<Agent>
  report: (kind: BackendKind) => BackendReport
  leases: { active(): Lease[]; list(state: 'active' | 'all'): Promise<Lease[]> }
  /** What learned rules say of an action. */
  learned: (doer: Doer, action: Action, risk: Risk) => Learned
  now: () => number
}

export interface PolicyServiceParts extends PolicyService {
  rows(): PolicyRow[]
  judge(agent: string, action: Action, compiled: Pick<Compiled, 'lock'>): Verdict
  remember(approval: Approval, actor: string): Promise<void>
}

/** The operator's policies, and what the lock of an agent means in words. */
export function policyService(parts: PolicyParts): PolicyServiceParts {
  const { journal, file, look } = parts

  function rows(): PolicyRow[] {
    return file.current().policies.map((policy) => {
      const use = journal.rows.get<PolicyUse>('policy_use', policy.id)
      return { ...policy, uses: use?.uses ?? 0, lastUsedAt: use?.lastUsedAt ?? null }
    })
  }

  async function locked(name: string): Promise<Compiled> {
    const agent = await parts.get(name)
    const { compiled, drift } = await look.held(agent)
    if (compiled === undefined)
      throw new Fault('lock.invalid', `the lock of ${name} cannot be read: ${drift[0]?.to ?? ''}`, {
        hint: `clawdeck policy validate ${name}`,
      })
    return compiled
  }

  function judge(agent: string, action: Action, { lock }: Pick<Compiled, 'lock'>): Verdict {
    const [doer, risk] = [{ name: agent, template: lock.template }, assessRisk(action)]
    return evaluate({
      action,
      risk,
      agent: doer,
      bounds: lock.guard,
      policies: file.compiled(),
      leases: parts.leases.active(),
      learned: () => parts.learned(doer, action, risk),
      now: parts.now(),
    })
  }

  async function add(
    policy: Omit<OperatorPolicy, 'id'> & { id?: string | undefined },
    actor: string,
  ): Promise<OperatorPolicy> {
    return file.add({ ...policy, id: policy.id ?? newId('pol') } as OperatorPolicy, actor)
  }

  return {
    rows,
    judge,
    add,
    remove: (id, actor) => file.remove(id, actor),
    async show(name) {
      return locked(name)
    },
    async explain(name) {
      return explain(await locked(name), parts.report((await parts.get(name)).backend))
    },
    async validate(name) {
      const { drift } = await look.held(await parts.get(name))
      return { agent: name, ok: drift.length === 0, drift }
    },
    async list() {
      return { policies: rows(), file: file.current(), leases: await parts.leases.list('active') }
    },
    async test(name, { type, target, reversible, systems, goal }) {
      const action = normalise({
        type,
        target,
        argv: [],
        cwd: '',
        reversible: reversible ?? null,
        systems: systems ?? [],
        goal: goal ?? '',
        scope: '',
        risk: null,
        extra: {},
      })
      return { action, ...judge(name, action, await locked(name)) }
    },
    async remember(approval, actor) {
      await add(
        {
          effect: 'block',
          type: approval.action.type,
          target: literal(approval.action.target),
          agent: approval.agent,
          reason: approval.note === '' ? 'denied by the operator, and remembered' : approval.note,
        },
        actor,
      )
    },
  }
}
