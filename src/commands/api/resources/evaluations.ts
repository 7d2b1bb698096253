import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import type {
  EvaluationRun,
  ScoredEvaluation,
  ScorerRow,
} from '../../../domain/governance/evaluations/service.ts'
import { evaluatedBy, evaluationStats } from '../../../domain/governance/evaluations/stats.ts'
import { rowId } from '../../../domain/governance/ids.ts'
import type { RecordChanges } from '../../../domain/governance/records/service.ts'
import { meanOrNull } from '../../../domain/governance/statistics.ts'
import { DAY, utcDate } from '../../../domain/governance/times.ts'
import { authorOf, endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, clamped, fields, json, Num, paged, someText, text } from '../inputs.ts'
import { recordAuthorOf } from '../kinds/write.ts'
import { changeRow, deleteRow, rowOf, type RowKind } from '../rows.ts'
import type { ApiServices } from '../services.ts'

const SCORERS = {
  path: '/evaluations/scorers',
  kind: 'scorer',
  what: 'Scorer',
  needs: 'administer',
} as const satisfies RowKind

const MOST_SCORERS = 200
const MOST_GROUPS = 10_000

const SCORER = () => ({
  name: someText(200).optional(),
  scorer_type: someText(40).optional(),
  config: z.record(z.string().max(100), json(4096)).optional(),
  description: text(2000).optional(),
})

/** Fault `name.taken`. */
function requireFreeName(changes: Pick<RecordChanges, 'find'>, name: string, own?: string): void {
  const found = changes.find<ScorerRow>(SCORERS.kind, { where: { name }, limit: 2 })
  if (found.some(({ id }) => id !== own))
    throw new Fault('name.taken', `a scorer has the name ${name} already`)
}

/** How the evaluations of each scorer add up. */
function scorerTotals({ records }: ApiServices, org: string): Map<string, object> {
  const groups = records.sumsOf(org, 'evaluation', ['scorer'], { limit: MOST_GROUPS })
  return new Map(
    groups.map(({ of, sums: { total = 0, score = 0 } }) => [
      of.at(-1) ?? '',
      { total_scores: total, avg_score: meanOrNull(total === 0 ? [] : [score / total], 4) },
    ]),
  )
}

const scorerEndpoints: readonly Endpoint[] = [
  endpoint('POST /evaluations/scorers', {
    about: 'Defines a scorer. Code of a request is never run, and no model judges.',
    needs: 'administer',
    status: 201,
    input: () => fields({ ...SCORER(), name: someText(200), scorer_type: someText(40) }),
    run: async ({ records, evaluations }, given, caller) => {
      const { config = null, description = null } = given
      await evaluations.check(given.scorer_type, config)
      return records.write(recordAuthorOf(caller, undefined), (changes): ScorerRow => {
        requireFreeName(changes, given.name)
        const row = {
          id: rowId('es'),
          org_id: caller.tenant.org,
          name: given.name,
          scorer_type: given.scorer_type,
          config,
          description,
          created_at: changes.now,
          updated_at: changes.now,
        }
        changes.make(SCORERS.kind, row.id, row)
        return row
      })
    },
  }),
  endpoint('GET /evaluations/scorers', {
    about: 'All scorers, and whether a model can judge.',
    input: () => fields({}),
    run: (api, _asked, { tenant: { org } }) => {
      const totals = scorerTotals(api, org)
      const unused = { total_scores: 0, avg_score: null }
      const scorers = api.records.find<ScorerRow>(org, SCORERS.kind, { limit: MOST_SCORERS })
      return {
        scorers: scorers.map((each) => ({ ...each, ...(totals.get(each.name) ?? unused) })),
        llm_available: false,
      }
    },
  }),
  changeRow(SCORERS, {
    shape: SCORER,
    change: async (given, before, { api, org }) => {
      const {
        scorer_type: type,
        config,
        name,
        id,
      } = { ...before, ...given } as unknown as ScorerRow
      await api.evaluations.check(type, config)
      const find = (kind: string, query: Parameters<RecordChanges['find']>[1]) =>
        api.records.find(org, kind, query)
      requireFreeName({ find: find as RecordChanges['find'] }, name, id)
      return given
    },
  }),
  deleteRow(SCORERS),
]

const Filters = () =>
  fields({
    agent_id: AgentId.optional(),
    action_type: text(128).optional(),
    status: text(32).optional(),
    days: Num.optional(),
  })

const runEndpoints: readonly Endpoint[] = [
  endpoint('POST /evaluations/runs', {
    about: 'Scores the newest 500 actions that fit with a scorer.',
    status: 201,
    input: () =>
      fields({
        name: someText(200),
        scorer_id: text(128),
        action_filters: Filters().optional(),
      }),
    run: ({ evaluations, clock }, { action_filters: filters = {}, ...asked }, caller) =>
      evaluations.run(authorOf(caller), { ...asked, action_filters: filters }, clock.now()),
  }),
  endpoint('GET /evaluations/runs', {
    about: 'Runs, the newest first.',
    input: () => fields({ status: text(32).optional(), ...paged(200, 50) }),
    run: ({ records }, asked, { tenant: { org } }) => {
      const { rows, total } = records.page(org, 'evaluation_run', asked)
      return { runs: rows, total }
    },
  }),
  endpoint('GET /evaluations/runs/:id', {
    about: 'One run, and how its scores are distributed.',
    input: () => fields({ id: text(128) }),
    run: (api, { id }, { tenant: { org } }) => {
      const row = { kind: 'evaluation_run', what: 'Evaluation run' }
      const run = rowOf<EvaluationRun>(api, row, { id, org })
      return { run, distribution: run.distribution }
    },
  }),
]

/** Evaluations of actions, the scorers that make them, and runs over many actions. */
export const evaluationEndpoints: readonly Endpoint[] = [
  ...scorerEndpoints,
  ...runEndpoints,
  endpoint('POST /evaluations', {
    about: 'Scores an action from 0 to 1.',
    status: 201,
    input: () =>
      fields({
        action_id: someText(128),
        scorer_name: someText(200),
        score: z.number().min(0).max(1),
        label: text(200).optional(),
        reasoning: text(4000).optional(),
        evaluated_by: someText(200).optional(),
        metadata: json(8192).optional(),
      }),
    run: ({ records, actions }, given, caller) => {
      const { org } = caller.tenant
      const agent = actions.get(org, given.action_id)?.agent_id ?? null
      return records.write(recordAuthorOf(caller, agent), (changes): ScoredEvaluation => {
        const row = {
          id: rowId('ev'),
          org_id: org,
          action_id: given.action_id,
          agent_id: agent,
          scorer_name: given.scorer_name,
          score: given.score,
          label: given.label ?? null,
          reasoning: given.reasoning ?? null,
          evaluated_by: given.evaluated_by ?? caller.actor,
          metadata: given.metadata ?? null,
          run_id: null,
          created_at: changes.now,
        }
        changes.make('evaluation', row.id, row)
        return row
      })
    },
  }),
  endpoint('GET /evaluations', {
    about: 'Scores of actions, the newest first.',
    input: () =>
      fields({
        action_id: text(128).optional(),
        scorer_name: text(200).optional(),
        evaluated_by: text(200).optional(),
        min_score: Num.optional(),
        max_score: Num.optional(),
        agent_id: AgentId.optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, asked, { tenant: { org } }) => {
      const { action_id, scorer_name, evaluated_by } = asked
      const { rows, total } = records.page(org, 'evaluation', {
        agent: asked.agent_id,
        where: { action_id, scorer_name, evaluated_by },
        atLeast: { score: asked.min_score },
        atMost: { score: asked.max_score },
        limit: asked.limit,
        offset: asked.offset,
      })
      return { scores: rows, total }
    },
  }),
  endpoint('GET /evaluations/stats', {
    about: 'Scores over the last days: in all, by scorer, by day, and how good they are.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        scorer_name: text(200).optional(),
        days: clamped(1, 365, 30),
      }),
    run: ({ records, clock }, asked, { tenant: { org } }) => {
      const from = utcDate(clock.now() - asked.days * DAY)
      const of = evaluatedBy(asked.agent_id)
      const days = records.sumsOf(org, 'evaluation', of, { from, limit: MOST_GROUPS })
      const { scorer_name: scorer } = asked
      return evaluationStats(
        scorer === undefined ? days : days.filter((group) => group.of.at(-1) === scorer),
      )
    },
  }),
]
