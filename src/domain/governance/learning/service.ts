import type { Clock } from '../../../base/clock.ts'
import type { Draft } from '../../../journal/types.ts'
import { apiAgentName } from '../agents/rules.ts'
import { openDrift } from '../drift/sums.ts'
import { feedbackGroups } from '../feedback/stats.ts'
import type { ApiAuthor } from '../guard/service.ts'
import type { OutcomeListener, RecordedAction } from '../ledger/types.ts'
import type { RecordChanges, RecordStore } from '../records/service.ts'
import { DAY, utcDate } from '../times.ts'
import { episodeScore, outcomeLabel } from './episodes.ts'
import { recommendationId, recommendationsOf } from './recommendations.ts'
import {
  AUTOMATIC_REBUILD,
  guardLearning,
  outcomeEventKey,
  RECENT_EPISODES,
  wantsRebuild,
  type GuardLearning,
} from './rules.ts'
import { EPISODE_GROUPS, episodeDay, type EpisodeDay } from './sums.ts'
import type { LearnedRecommendation, LearningEpisode } from './types.ts'
import { recordUse } from './uses.ts'

interface ApiLearningParts {
  records: RecordStore
  clock: Clock
}

/** A recommendation as it is stored. */
export interface RecommendationRow extends LearnedRecommendation {
  org_id: string
  created_at: string
  updated_at: string
}

/** What recommendations are built from; without an agent, from episodes of all. */
export interface RebuildScope {
  agent?: string | undefined
  actionType?: string | undefined
  lookbackDays: number
  minSamples: number
  episodeLimit: number
  /** An action that is scored first. */
  action?: RecordedAction | undefined
}

interface Rebuilt {
  scored_episode: LearningEpisode | null
  episodes_scanned: number
  recommendations: RecommendationRow[]
  total: number
  rebuilt_at: string
}

interface ReplacedScope {
  built: readonly LearnedRecommendation[]
  agent: string | undefined
  type: string | undefined
}

const FINISHED = new Set<string>(['completed', 'failed', 'cancelled'])
const MOST_DAYS = 20_000

/** What agents learn from how their actions went. */
export class ApiLearning implements OutcomeListener {
  readonly #parts: ApiLearningParts

  constructor(parts: ApiLearningParts) {
    this.#parts = parts
  }

  /** The episode of an action that is over, and that a recommendation was followed. */
  belonging(author: ApiAuthor, action: RecordedAction, next: number): Draft[] {
    if (!FINISHED.has(action.status)) return []
    const changes = this.#parts.records.changes(recordAuthor(author, action.agent_id), next)
    this.#score(author.org, changes, action)
    if (action.recommendation_applied && action.recommendation_id !== null)
      recordUse(author.org, changes, {
        event_type: 'outcome',
        recommendation_id: action.recommendation_id,
        agent_id: action.agent_id,
        action_id: action.action_id,
        event_key: outcomeEventKey(action.action_id),
        details: { status: action.status },
      })
    return changes.drafts
  }

  /** Builds recommendations of its agent again once enough was learned. */
  async reported(author: ApiAuthor, { agent_id: agent, status }: RecordedAction): Promise<void> {
    if (!FINISHED.has(status)) return
    const episodes = this.#episodes(author.org, agent)
    const built = this.#parts.records.get<{ episodes: number }>(author.org, 'learning_build', agent)
    if (!wantsRebuild(episodes - (built?.episodes ?? 0), episodes)) return
    await this.rebuild(author, { agent, ...AUTOMATIC_REBUILD })
  }

  /** Builds recommendations from episodes. Those that nothing supports any more are removed. */
  rebuild(author: ApiAuthor, scope: RebuildScope): Promise<Rebuilt> {
    const { records, clock } = this.#parts
    const { org } = author
    const { agent, actionType: type } = scope
    const about = recordAuthor(author, agent ?? scope.action?.agent_id)
    return records.write(about, (changes) => {
      const scored = scope.action === undefined ? null : this.#score(org, changes, scope.action)
      const read = records.find<LearningEpisode>(org, 'learning_episode', {
        agent,
        from: clock.now() - scope.lookbackDays * DAY,
        limit: scope.episodeLimit,
      })
      const others = read.filter(({ action_id: id }) => id !== scored?.action_id)
      const episodes = (scored === null ? read : [scored, ...others]).filter(
        (each) => type === undefined || each.action_type === type,
      )
      const built = recommendationsOf(org, episodes, scope.minSamples)
      const recommendations = this.#replace(org, changes, { built, agent, type })
      if (agent !== undefined && type === undefined)
        changes.make('learning_build', agent, {
          agent_id: agent,
          episodes: this.#episodes(org, agent),
        })
      return {
        scored_episode: scored,
        episodes_scanned: episodes.length,
        recommendations,
        total: recommendations.length,
        rebuilt_at: changes.now,
      }
    })
  }

  /** What an agent is told when it asks the guard; undefined if there is nothing to tell. */
  forGuard(org: string, agent: string | null, actionType: string): GuardLearning | undefined {
    if (agent === null) return undefined
    const { records } = this.#parts
    const episodes = records.sums(org, 'learning_episode', [EPISODE_GROUPS.agent, agent])
    const isNew = (episodes['episodes'] ?? 0) === 0
    const id = recommendationId(org, agent, actionType)
    const learned = records.get<RecommendationRow>(org, 'learning_recommendation', id)
    return guardLearning({
      recent: isNew ? [] : this.#recentScores(org, agent),
      episodes,
      drift: openDrift(records.sums(org, 'drift_alert', ['agent', agent])),
      recommendations: learned === undefined ? [] : [learned],
      feedback: records.sums(org, 'feedback', feedbackGroups(agent).all),
    })
  }

  /** The episodes of the last days, added up by agent, day and type of action. */
  days(org: string, agent: string | undefined, lookbackDays: number): EpisodeDay[] {
    const { records, clock } = this.#parts
    const first = utcDate(clock.now() - lookbackDays * DAY)
    if (agent !== undefined)
      return records
        .sumsOf(org, 'learning_episode', [EPISODE_GROUPS.day, agent], { from: first })
        .map(episodeDay)
    return records
      .sumsOf(org, 'learning_episode', [EPISODE_GROUPS.day], { limit: MOST_DAYS })
      .map(episodeDay)
      .filter(({ date }) => date >= first)
  }

  #episodes(org: string, agent: string): number {
    const of = [EPISODE_GROUPS.agent, agent]
    return this.#parts.records.sums(org, 'learning_episode', of)['episodes'] ?? 0
  }

  #recentScores(org: string, agent: string): number[] {
    const query = { agent, limit: RECENT_EPISODES }
    return this.#parts.records
      .find<LearningEpisode>(org, 'learning_episode', query)
      .map(({ score }) => score)
  }

  /** Scores an action, again if it was scored before. */
  #score(org: string, changes: RecordChanges, action: RecordedAction): LearningEpisode {
    const { records } = this.#parts
    const { action_id: id } = action
    const before = changes.get<LearningEpisode>('learning_episode', id)
    const episode: LearningEpisode = {
      action_id: id,
      agent_id: action.agent_id,
      action_type: action.action_type,
      status: action.status,
      outcome_label: outcomeLabel(action.status),
      score: episodeScore({
        action,
        invalidatedAssumptions: records.count(org, 'assumption', {
          where: { action_id: id, invalidated: true },
        }),
        openLoops: records.count(org, 'loop', { where: { action_id: id }, status: 'open' }),
      }),
      risk_score: action.risk_score,
      reversible: action.reversible,
      confidence: action.confidence,
      duration_ms: action.duration_ms,
      cost_estimate: action.cost_estimate,
      recommendation_id: action.recommendation_applied ? action.recommendation_id : null,
      created_at: before?.created_at ?? changes.now,
    }
    if (before === undefined) changes.make('learning_episode', id, episode)
    else changes.change('learning_episode', id, episode)
    return episode
  }

  #replace(
    org: string,
    changes: RecordChanges,
    { built, agent, type }: ReplacedScope,
  ): RecommendationRow[] {
    const kind = 'learning_recommendation'
    const rows = built.map((learned): RecommendationRow => {
      const before = changes.get<RecommendationRow>(kind, learned.id)
      return {
        ...learned,
        // What an operator switched off stays off.
        active: before?.active ?? true,
        org_id: org,
        created_at: before?.created_at ?? changes.now,
        updated_at: changes.now,
      }
    })
    const kept = new Set(rows.map(({ id }) => id))
    const scope = { agent, where: { action_type: type }, limit: MOST_DAYS }
    for (const { id } of changes.find<RecommendationRow>(kind, scope))
      if (!kept.has(id)) changes.remove(kind, id)
    for (const row of rows) changes.make(kind, row.id, row)
    return rows
  }
}

function recordAuthor({ org, slug, actor }: ApiAuthor, agent: string | undefined) {
  return { org, actor, subject: agent === undefined ? '' : apiAgentName(slug, agent) }
}
