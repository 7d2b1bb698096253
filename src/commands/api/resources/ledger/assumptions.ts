import { randomUUID } from 'node:crypto'
import { Fault } from '../../../../base/fault.ts'
import {
  AT_RISK_DAYS,
  driftScore,
  driftSummary,
  INVALIDATION,
  STALE_DAYS,
  whyNotMarkAssumption,
} from '../../../../domain/governance/assumptions/rules.ts'
import type { RecordQuery } from '../../../../domain/governance/records/types.ts'
import type { RecordStore } from '../../../../domain/governance/records/service.ts'
import { required, requireNo } from '../../../../domain/governance/refusals.ts'
import { redactDeep } from '../../../../domain/governance/scanning/secrets.ts'
import { DAY } from '../../../../domain/governance/times.ts'
import type { Assumption } from '../../../../domain/governance/types.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import { AgentId, fields, paged, someText, text, YesNo } from '../../inputs.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'

const KIND = 'assumption'

const Noted = () =>
  fields({
    action_id: someText(128),
    assumption: someText(2000),
    basis: text(2000).optional(),
    validated: YesNo.default(false),
    invalidated: YesNo.default(false),
    invalidated_reason: text(2000).optional(),
    assumption_id: someText(128).optional(),
  })

const Listed = () =>
  fields({
    validated: YesNo.optional(),
    stale: YesNo.default(false),
    drift: YesNo.default(false),
    action_id: text(128).optional(),
    agent_id: AgentId.optional(),
    ...paged(200, 50),
  })

const OneAssumption = { id: text(128) }

/** Where an assumption stands, as its index knows it. */
function standing(of: Pick<Assumption, 'validated' | 'invalidated'>): string {
  if (of.invalidated) return 'invalidated'
  return of.validated ? 'validated' : 'unvalidated'
}

interface SummaryOf {
  agent: string | undefined
  action: string | undefined
  now: number
}

/** How the assumptions of an agent, of an action, or of all, stand in sum. */
function summary(records: RecordStore, org: string, { agent, action, now }: SummaryOf) {
  if (action !== undefined)
    return driftSummary(
      records.find<Assumption>(org, KIND, { agent, where: { action_id: action }, limit: 1000 }),
      now,
    )
  const totals = records.sums(org, KIND, agent === undefined ? [] : ['agent', agent])
  const [validated = 0, invalidated = 0, unvalidated = 0] = [
    'validated',
    'invalidated',
    'unvalidated',
  ].map((status) => totals[status] ?? 0)
  const before = now - AT_RISK_DAYS * DAY + 1
  return {
    total: validated + invalidated + unvalidated,
    at_risk: records.count(org, KIND, { agent, status: 'unvalidated', before }),
    validated,
    invalidated,
    unvalidated,
  }
}

type AssumptionPath = '/assumptions' | '/actions/assumptions'

const noteAt = (path: AssumptionPath) =>
  endpoint(`POST ${path}`, {
    about: 'Writes down what an action takes for granted.',
    status: 201,
    input: Noted,
    run: async ({ records, actions }, given, caller) => {
      const { org } = caller.tenant
      const { value, security } = redactDeep(given)
      const { assumption_id: id = `asm_${randomUUID()}`, ...rest } = value
      const action = required(actions.get(org, given.action_id), `Action ${given.action_id}`)
      const assumption = await records.write(recordAuthorOf(caller, action.agent_id), (changes) => {
        if (changes.get(KIND, id) !== undefined)
          throw new Fault('name.taken', `the assumption ${id} was recorded before`)
        const { now } = changes
        const row = {
          id,
          assumption_id: id,
          org_id: org,
          ...rest,
          validated: rest.validated && !rest.invalidated,
          action_id: action.action_id,
          basis: rest.basis ?? null,
          invalidated_reason: rest.invalidated_reason ?? null,
          validated_at: rest.validated ? now : null,
          invalidated_at: rest.invalidated ? now : null,
          status: standing(rest),
          agent_id: action.agent_id,
          agent_name: action.agent_name,
          declared_goal: action.declared_goal,
          created_at: now,
          updated_at: now,
        }
        changes.make(KIND, id, row)
        if (rest.invalidated) changes.make(INVALIDATION, id, invalidation(row))
        return row
      })
      return { assumption, assumption_id: id, security }
    },
  })

const listAt = (path: AssumptionPath) =>
  endpoint(`GET ${path}`, {
    about: 'Assumptions, the newest first; with `drift`, how far each may have drifted.',
    input: Listed,
    run: ({ records, clock }, asked, { tenant: { org } }) => {
      const { agent_id: agent, action_id: action, limit, offset } = asked
      const now = clock.now()
      const { where, ...stands } = standingAsked(asked, now)
      const { rows, total } = records.page<Assumption>(org, KIND, {
        agent,
        ...stands,
        where: { action_id: action, ...where },
        limit,
        offset,
      })
      const lastUpdated = new Date(now).toISOString()
      if (!asked.drift) return { assumptions: rows, total, lastUpdated }
      return {
        assumptions: rows.map((row) => ({ ...row, drift_score: driftScore(row, now) })),
        total,
        drift_summary: summary(records, org, { agent, action, now }),
        lastUpdated,
      }
    },
  })

const oneAt = (path: AssumptionPath) =>
  endpoint(`GET ${path}/:id`, {
    about: 'One assumption.',
    input: () => fields(OneAssumption),
    run: ({ records }, { id }, { tenant: { org } }) => ({
      assumption: required(records.get(org, KIND, id), `Assumption ${id}`),
    }),
  })

const markAt = (path: AssumptionPath) =>
  endpoint(`PATCH ${path}/:id`, {
    about: 'Says that an assumption holds, or why it does not. Once it does not, that stays.',
    input: () =>
      fields({ ...OneAssumption, validated: YesNo, invalidated_reason: text(2000).optional() }),
    run: async ({ records }, { id, validated, ...given }, caller) => {
      const { value, security } = redactDeep(given)
      const why = value.invalidated_reason ?? null
      const found = required(
        records.get<Assumption>(caller.tenant.org, KIND, id),
        `Assumption ${id}`,
      )
      const assumption = await records.write(recordAuthorOf(caller, found.agent_id), (changes) => {
        const before = required(changes.get<Assumption>(KIND, id), `Assumption ${id}`)
        requireNo(whyNotMarkAssumption(before, { validated, invalidatedReason: why }))
        const { now } = changes
        changes.change(KIND, id, { ...marked(validated, why, now), updated_at: now })
        const after = changes.get<Assumption & { invalidated_at: string }>(KIND, id)
        if (!validated && after !== undefined) changes.make(INVALIDATION, id, invalidation(after))
        return after
      })
      return { assumption, security }
    },
  })

function marked(validated: boolean, why: string | null, now: string): object {
  return validated
    ? { validated: true, validated_at: now, status: 'validated' }
    : {
        validated: false,
        invalidated: true,
        invalidated_at: now,
        invalidated_reason: why,
        status: 'invalidated',
      }
}

/** That an assumption turned out wrong, to be counted by when it did. */
function invalidation({
  assumption_id,
  action_id,
  agent_id,
}: Pick<Assumption, 'assumption_id' | 'action_id' | 'agent_id'>): object {
  return { assumption_id, action_id, agent_id }
}

function standingAsked(
  { validated, stale }: { validated?: boolean | undefined; stale: boolean },
  now: number,
): Pick<RecordQuery, 'status' | 'before' | 'where'> {
  if (stale) return { status: 'unvalidated', before: now - STALE_DAYS * DAY }
  if (validated === undefined) return {}
  return validated ? { status: 'validated' } : { where: { validated: false } }
}

/** What actions take for granted, at either of two addresses. */
export const assumptionEndpoints: readonly Endpoint[] = (
  ['/assumptions', '/actions/assumptions'] as const
).flatMap((path) => [noteAt(path), listAt(path), oneAt(path), markAt(path)])
