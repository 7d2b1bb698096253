import { newId } from '../../base/ids.ts'
import { literal } from '../../base/glob.ts'
import { Fault } from '../../base/fault.ts'
import type { LockCheck } from '../agents/lock-check.ts'
import type { AgentReader } from '../agents/read.ts'
import type { Agent, AgentBounds } from '../agents/types.ts'
import type { Approval } from '../approvals/types.ts'
import type { Voters } from '../operators/people/voters.ts'
import type { PolicyJudge } from './judge.ts'
import type { PolicyUse } from './noun.ts'
import { normalise } from './normalise.ts'
import { assessRisk } from './risk/risk.ts'
import { tooFewFor, tooFewOf } from './too-few.ts'
import { refuseEverything, widthOf } from './width.ts'
import type { LivePolicyFile } from './file/policies-file.ts'
import type { Action, OperatorPolicy, PolicyRow, PolicyService } from './types.ts'
import { explain } from '../templates/explain.ts'
import type { Compiled } from '../templates/types.ts'
import type { Journal } from '../../journal/journal.ts'
import type { BackendKind, BackendReport } from '../../ports/pods.ts'
import type { LeaseService } from '../leases/types.ts'

export interface PolicyParts {
  journal: Journal
  file: Pick<LivePolicyFile, 'current' | 'compiled' | 'add' | 'remove'>
  checkLock: (agent: Agent) => Promise<LockCheck>
  agents: AgentReader
  boundsOf: (agent: string) => AgentBounds | { refusal: string }
  report: (kind: BackendKind) => BackendReport
  leases: Pick<LeaseService, 'list'>
  judge: PolicyJudge
  voters: Voters
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
  const { journal, file, checkLock, agents } = parts

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
      const agent = agents.get(name)
      const compiled = await readCompiled(parts, name)
      const explained = explain(compiled, parts.report(agent.backend))
      const { policies } = file.current()
      const tooFew = tooFewFor(agent, { bounds: compiled.lock.guard, policies }, parts.voters)
      const now = tooFew.map(({ what, by, why }) => `be allowed ${what} at present, ${by}: ${why}`)
      return { ...explained, cannot: [...explained.cannot, ...now] }
    },
    async validate(name) {
      const { drift } = await checkLock(agents.get(name))
      return { agent: name, ok: drift.length === 0, drift }
    },
    async list() {
      const { policies } = file.current()
      const { boundsOf, voters } = parts
      return {
        policies: rows(),
        file: file.current(),
        leases: await parts.leases.list('active'),
        tooFew: tooFewOf(agents.list(), { boundsOf, policies, voters }),
      }
    },
    async test(name, described) {
      const action = actionFrom(described)
      const { lock } = await readCompiled(parts, name)
      const agent = { name, template: lock.template }
      const risk = assessRisk(action)
      return { action, ...parts.judge({ agent, bounds: lock.guard, action, risk }) }
    },
  }
}

/** What an agent was locked to. Faults: `agent.unknown`, `lock.invalid`. */
async function readCompiled({ checkLock, agents }: PolicyParts, name: string): Promise<Compiled> {
  const { compiled, drift } = await checkLock(agents.get(name))
  if (compiled !== undefined) return compiled
  throw new Fault('lock.invalid', `the lock of ${name} cannot be read: ${drift[0]?.to ?? ''}`, {
    hint: `clawdeck policy validate ${name}`,
  })
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
