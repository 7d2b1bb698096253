import type { Freezing } from '../../domain/agents/freezing/service.ts'
import { Expiry } from '../../domain/approvals/expiry.ts'
import { votersOf } from '../../domain/operators/people/voters.ts'
import { leaseService } from '../../domain/leases/service.ts'
import { policyJudge } from '../../domain/policy/judge.ts'
import { policyService } from '../../domain/policy/service.ts'
import type { ComposedBounds } from './agents.ts'
import { apiBoundsOr } from '../../domain/governance/agents/askers.ts'
import { composeAskers } from './askers.ts'
import { composeApprovals } from './approvals.ts'
import type { DeckContext } from './context.ts'
import { composePolicies } from './policies.ts'
import type { DeckRecord } from './record.ts'
import { composeLearning, composeRules } from './rules.ts'

interface DecisionContext {
  bounds: ComposedBounds
  freezing: Freezing
  served: Promise<void>
  operators: Parameters<typeof votersOf>[1]
}

/** Everything that decides about agents' actions: policies, leases, rules, the guard, approvals. */
export async function composeDecisions(
  context: DeckContext,
  record: DeckRecord,
  { bounds, freezing, served, operators }: DecisionContext,
) {
  const { clock, backends, parts } = context
  const { journal, store, losses } = record
  const distrust = () => losses.problem
  const voters = votersOf(journal, operators)
  const { file, packs, onChange } = await composePolicies(context, record)
  const compiled = () => file.compiled()
  const leases = leaseService({ journal, store })
  const expiry = parts.use(new Expiry({ journal, store, clock }))
  const learning = composeLearning(context, record, served)
  const rules = composeRules(context, record, {
    learning,
    policies: compiled,
    readPolicies: (text, name) => file.read(text, name),
    leases: leases.active,
    boundsOf: apiBoundsOr(bounds.effectiveBounds, journal),
  })
  const judge = policyJudge({
    policies: compiled,
    leases: leases.active,
    learned: learning.judge,
    voters,
    distrust,
    now: clock.now,
  })
  const policy = policyService({
    journal,
    file,
    checkLock: bounds.checkLock,
    agents: bounds.reader,
    boundsOf: bounds.boundsOf,
    report: backends.report,
    leases,
    judge,
    voters,
  })
  const decided = composeApprovals(context, record, {
    askers: await composeAskers(context, record, bounds.boundsOf),
    judge,
    learning,
    voters,
    freezing,
    distrust,
    remember: policy.remember,
  })
  return {
    policies: { file, rows: policy.rows, onChange },
    packs,
    leases,
    expiry,
    learning,
    rules,
    policy,
    ...decided,
  }
}
