import { newId } from '../../base/ids.ts'
import { literal } from '../../base/glob.ts'
import { Fault } from '../../base/fault.ts'
import type { LockCheck } from '../agents/lock-check.ts'
import type { Agent } from '../agents/types.ts'
import type { Approval } from '../approvals/types.ts'
import { withDistrust } from './distrust.ts'
import { evaluate } from './evaluate.ts'
import type { PolicyUse } from './noun.ts'
import { normalise } from './normalise.ts'
import { assessRisk } from './risk/risk.ts'
import { refuseEverything, widthOf } from './width.ts'
import type { LivePolicyFile } from './file/policies-file.ts'
import type {
  Action,
  AgentIdentity,
  Learned,
  OperatorPolicy,
  PolicyRow,
  PolicyService,
  Risk,
  Verdict,
} from './types.ts'
import { explain } from '../templates/explain.ts'
import type { Compiled } from '../templates/types.ts'
import type { Journal } from '../../journal/journal.ts'
import type { BackendKind, BackendReport } from '../../ports/pods.ts'
import type { Lease, LeaseService } from '../leases/types.ts'

export interface PolicyParts {
  journal: Journal
  file: Pick<LivePolicyFile, 'current' | 'compiled' | 'add' | 'remove'>
  checkLock: (agent: Agent) => Promise<LockCheck>
  get: (agent: string) => Agent
  report: (kind: BackendKind) => BackendReport
  leases: Pick<LeaseService, 'list'> & { active(): Lease[] }
  /** What learned rules say of an action. */
  learned: (agent: AgentIdentity, action: Action, risk: Risk) => Learned
  /** Why the journal is not trusted; undefined while it is. */
  distrust: () => string | undefined
  now: () => number
}

/** What the rest of the deck needs of policies, besides the service. */
interface PolicyUses {
  /** The policies in force, and how often each took part in an answer. */
  rows(): PolicyRow[]
  /** Writes a policy that blocks exactly what was denied. */
  remember(approval: Approval, actor: string): Promise<void>
}

/** The operator's policies, and what agents' locks mean. */
export function policyService(parts: PolicyParts): PolicyService & PolicyUses {
  const { journal, file, checkLock, get } = parts

  const rows = (): PolicyRow[] =>
    file.current().policies.map((policy) => {
      const use = journal.rows.get<PolicyUse>('policy_use', policy.id)
      return { ...policy, uses: use?.uses ?? 0, lastUsedAt: use?.lastUsedAt ?? null }
    })
  const add: PolicyService['add'] = async (policy, actor) => {
    refuseEverything(policy)
    return file.add({ ...policy, id: policy.id ?? newId('pol') } as OperatorPolicy, actor)
  }

  return {
    rows,
    add,
    remember: async (approval, actor) => {
      await add(blockOf(approval), actor)
    },
    breadth(policy) {
      refuseEverything(policy)
      return widthOf(policy)
    },
    remove: (id, actor) => file.remove(id, actor),
    show: (name) => readCompiled(parts, name),
    async explain(name) {
      return explain(await readCompiled(parts, name), parts.report(get(name).backend))
    },
    async validate(name) {
      const { drift } = await checkLock(get(name))
      return { agent: name, ok: drift.length === 0, drift }
    },
    async list() {
      return { policies: rows(), file: file.current(), leases: await parts.leases.list('active') }
    },
    async test(name, described) {
      const action = actionFrom(described)
      return { action, ...judge(parts, name, action, await readCompiled(parts, name)) }
    },
  }
}

/** What an agent was locked to. Faults: `agent.unknown`, `lock.invalid`. */
async function readCompiled({ checkLock, get }: PolicyParts, name: string): Promise<Compiled> {
  const { compiled, drift } = await checkLock(get(name))
  if (compiled !== undefined) return compiled
  throw new Fault('lock.invalid', `the lock of ${name} cannot be read: ${drift[0]?.to ?? ''}`, {
    hint: `clawdeck policy validate ${name}`,
  })
}

/** The answer to an action of an agent within its lock, whether or not it runs. */
function judge(
  { file, leases, learned, distrust, now }: PolicyParts,
  name: string,
  action: Action,
  { lock }: Compiled,
): Verdict {
  const agent = { name, template: lock.template }
  const risk = assessRisk(action)
  const answer = evaluate({
    action,
    risk,
    agent,
    bounds: lock.guard,
    policies: file.compiled(),
    leases: leases.active(),
    learned: () => learned(agent, action, risk),
    now: now(),
  })
  return withDistrust(answer, distrust())
}

function actionFrom({
  type,
  target,
  reversible,
  systems,
  goal,
}: Parameters<PolicyService['test']>[1]): Action {
  return normalise({
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
}

function blockOf({ action, agent, note }: Approval): Omit<OperatorPolicy, 'id'> {
  return {
    effect: 'block',
    type: action.type,
    target: literal(action.target),
    agent,
    reason: note === '' ? 'denied by the operator, and remembered' : note,
  }
}
