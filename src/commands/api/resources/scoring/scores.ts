import { setImmediate as yieldToOthers } from 'node:timers/promises'
import * as z from 'zod'
import { Fault } from '../../../../base/fault.ts'
import { rowId } from '../../../../domain/governance/ids.ts'
import {
  CALIBRATION_LIMITS,
  CALIBRATION_METRICS,
  calibrate,
} from '../../../../domain/governance/scoring/calibration.ts'
import { scoreBatch, scoreByProfile } from '../../../../domain/governance/scoring/rules.ts'
import { profileScoreStats } from '../../../../domain/governance/scoring/stats.ts'
import type {
  ProfileScore,
  ScoredAction,
  ScoringProfile,
} from '../../../../domain/governance/scoring/types.ts'
import { meanOrNull } from '../../../../domain/governance/statistics.ts'
import { DAY } from '../../../../domain/governance/times.ts'
import { endpoint, type ApiCaller, type Endpoint } from '../../endpoint.ts'
import { AgentId, clamped, fields, paged, text } from '../../inputs.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import { rowOf } from '../../rows.ts'
import type { ApiServices } from '../../services.ts'
import { PROFILES } from './profiles.ts'

const MOST_ACTIONS = 500
const MOST_SCORES = 5000
const A_PAGE = 500

/** A score as it is stored. */
interface ScoreRow extends ProfileScore {
  id: string
  org_id: string
  agent_id: string | null
  created_at: string
}

const Scored = () =>
  z.record(z.string().max(128), z.unknown()).refine(isSmall, {
    error: 'must be at most 64 KB as JSON',
  })

function isSmall(action: object): boolean {
  return JSON.stringify(action).length <= 64 << 10
}

/** An action with the mean of its evaluations, where it brings none and the profile asks. */
function withEvaluations(
  { records }: ApiServices,
  org: string,
  { profile, action }: { profile: ScoringProfile; action: ScoredAction },
): ScoredAction {
  const asks = (profile.dimensions ?? []).some((each) => each.data_source === 'eval_score')
  const { action_id: id, eval_score: told } = action
  if (!asks || typeof id !== 'string' || told !== undefined) return action
  const query = { where: { action_id: id }, limit: 100 }
  const scores = records.find<{ score: number }>(org, 'evaluation', query)
  const mean = meanOrNull(
    scores.map(({ score }) => score),
    4,
  )
  return mean === null ? action : { ...action, eval_score: mean }
}

async function stored(
  { records }: ApiServices,
  caller: ApiCaller,
  scored: readonly { score: ProfileScore; action: ScoredAction }[],
): Promise<ScoreRow[]> {
  return records.write(recordAuthorOf(caller, undefined), (changes) =>
    scored.map(({ score, action }) => {
      const { agent_id: agent } = action
      const row = {
        id: rowId('ps'),
        org_id: caller.tenant.org,
        agent_id: typeof agent === 'string' ? agent : null,
        ...score,
        created_at: changes.now,
      }
      changes.make('profile_score', row.id, row)
      return row
    }),
  )
}

/** The newest actions of some days, read page by page so that others get their turn. */
async function newestActions(
  { actions, clock }: ApiServices,
  org: string,
  asked: { agent: string | undefined; type: string | undefined; days: number },
) {
  const { agent, type, days } = asked
  const from = clock.now() - days * DAY
  const found = []
  for (let offset = 0; offset < CALIBRATION_LIMITS.actions; offset += A_PAGE) {
    const page = actions.list(org, { agent, type, from, limit: A_PAGE, offset })
    found.push(...page)
    if (page.length < A_PAGE) break
    await yieldToOthers()
  }
  return found
}

/** Scores of actions by profiles, and scales that fit past actions. */
export const scoreEndpoints: readonly Endpoint[] = [
  endpoint('POST /scoring/score', {
    about: 'Scores an action, or several of which some may fail.',
    input: () =>
      fields({
        profile_id: text(128),
        action: Scored().optional(),
        actions: z.array(Scored()).min(1).max(MOST_ACTIONS).optional(),
      }),
    run: async (api, { profile_id: id, action, actions }, caller) => {
      const { org } = caller.tenant
      const profile = rowOf<ScoringProfile>(api, PROFILES, { id, org })
      const ready = (each: ScoredAction) => withEvaluations(api, org, { profile, action: each })
      if (actions === undefined) {
        if (action === undefined) throw new Fault('input.invalid', 'action or actions is needed')
        const score = scoreByProfile(profile, ready(action))
        if ('error' in score) throw new Fault('input.invalid', score.error)
        const [row] = await stored(api, caller, [{ score, action }])
        return row as ScoreRow
      }
      const { results, summary } = scoreBatch(profile, actions.map(ready))
      const scored = results.flatMap((score, i) =>
        'error' in score ? [] : [{ score, action: actions[i] ?? {} }],
      )
      const rows = await stored(api, caller, scored)
      const answers = results.map((result) => ('error' in result ? result : rows.shift()))
      return { results: answers, summary }
    },
  }),
  endpoint('GET /scoring/score', {
    about: 'Scores given before; with view=stats their statistics, of the newest 5,000.',
    input: () =>
      fields({
        profile_id: text(128).optional(),
        agent_id: AgentId.optional(),
        action_id: text(128).optional(),
        view: text(16).optional(),
        ...paged(200, 50),
      }),
    run: (api, asked, { tenant: { org } }) => {
      const { profile_id: profile, action_id: action, agent_id: agent } = asked
      const where = { profile_id: profile, action_id: action }
      const { limit, offset } = asked
      if (asked.view !== 'stats')
        return { scores: api.records.find(org, 'profile_score', { agent, where, limit, offset }) }
      if (profile === undefined) throw new Fault('input.invalid', 'profile_id is needed')
      rowOf(api, PROFILES, { id: profile, org })
      const query = { agent, where, limit: MOST_SCORES }
      return profileScoreStats(api.records.find<ScoreRow>(org, 'profile_score', query))
    },
  }),
  endpoint('POST /scoring/calibrate', {
    about: 'Suggests scales that fit how past actions were distributed.',
    input: () =>
      fields({
        action_type: text(128).optional(),
        agent_id: AgentId.optional(),
        lookback_days: clamped(1, 365, 30),
        metrics: z
          .array(z.enum(CALIBRATION_METRICS))
          .max(CALIBRATION_METRICS.length)
          .default([...CALIBRATION_METRICS]),
      }),
    run: async (api, asked, { tenant: { org } }) => {
      const { action_type: type, agent_id: agent, lookback_days: days } = asked
      return calibrate(await newestActions(api, org, { agent, type, days }), {
        actionType: type ?? null,
        lookbackDays: days,
        metrics: asked.metrics,
      })
    },
  }),
]
