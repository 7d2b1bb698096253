import type { Factor, Risk } from '../../policy/types.ts'
import { clamp, roundTo, wholeScore } from '../statistics.ts'

/** What the server scores of an action. */
export interface RiskQuestion {
  actionType: string
  declaredGoal?: string | null
  systemsTouched?: readonly string[] | null
  reversible?: boolean | null
  /** The agent's own score, which can only raise the risk. */
  claimedRisk?: number | null
}

const BASE_RISK: Readonly<Record<string, number>> = {
  security: 80,
  deploy: 75,
  migrate: 70,
  apply: 60,
  sync: 40,
  api: 35,
  config: 30,
  cleanup: 30,
  build: 25,
  post: 25,
  fix: 20,
  refactor: 20,
  test: 15,
  message: 15,
  monitor: 10,
  alert: 10,
  calendar: 10,
  research: 10,
  review: 10,
}
const OTHER_RISK = 20
const IRREVERSIBLE = 15
const SYSTEMS: readonly { points: number; names: ReadonlySet<string> }[] = [
  { points: 10, names: new Set(['production', 'database', 'postgres', 'neon', 'redis']) },
  { points: 5, names: new Set(['filesystem', 'shell']) },
]
/** Found anywhere in the goal, also inside of words. Each group counts once. */
const GOAL_WORDS: readonly { points: number; words: RegExp }[] = [
  { points: 20, words: /rm\s*-rf|drop table|delete from|truncate|format|wipe/i },
  { points: 10, words: /push|deploy|release|ship|migrate/i },
  { points: 15, words: /secret|credential|password|token|key|\.env/i },
]

/**
 * The risk of an action from 0 to 100, which is the sum of its factors: what the server computes,
 * or the agent's own score where that is higher.
 */
export function actionRisk(question: RiskQuestion): Risk {
  const factors = computedFactors(question)
  const sum = factors.reduce((points, factor) => points + factor.points, 0)
  if (sum > 100) factors.push({ label: 'at most 100', points: 100 - sum })
  const claimed = claimedScore(question.claimedRisk)
  const computed = Math.min(100, sum)
  if (claimed !== null && claimed > computed)
    factors.push({ label: `reported by the agent as ${claimed}`, points: claimed - computed })
  return { score: Math.max(computed, claimed ?? 0), factors }
}

/** An agent's own score as a whole number from 0 to 100, or null if it gave none. */
function claimedScore(value: number | null | undefined): number | null {
  return typeof value === 'number' && !Number.isNaN(value) ? wholeScore(value) : null
}

function computedFactors(question: RiskQuestion): Factor[] {
  const actionType = question.actionType.toLowerCase()
  const base = Object.hasOwn(BASE_RISK, actionType) ? BASE_RISK[actionType] : undefined
  const factors: Factor[] = [
    base === undefined
      ? { label: 'action of another type', points: OTHER_RISK }
      : { label: `action of type ${actionType}`, points: base },
  ]
  if (question.reversible === false) factors.push({ label: 'not reversible', points: IRREVERSIBLE })
  const systems = (question.systemsTouched ?? []).map((system) => system.toLowerCase())
  for (const { points, names } of SYSTEMS) {
    const touched = systems.find((system) => names.has(system))
    if (touched !== undefined) factors.push({ label: `touches ${touched}`, points })
  }
  const goal = question.declaredGoal ?? ''
  for (const { points, words } of GOAL_WORDS) {
    const found = words.exec(goal)?.[0]
    if (found !== undefined)
      factors.push({ label: `goal says “${found.toLowerCase().replace(/\s+/g, ' ')}”`, points })
  }
  return factors
}

/** What an agent did with actions of one type in the last 30 days. */
export interface RiskHistory {
  total: number
  failed: number
  lastHour: number
  /** Mean of the risk scores; null if there is no history. */
  averageRisk: number | null
}

/** How an agent's actions of one type went lately. */
export type HistoryOf = (org: string, agent: string, actionType: string) => RiskHistory

/** What is known of an agent that never acted. */
export const NO_HISTORY: RiskHistory = { total: 0, failed: 0, lastHour: 0, averageRisk: null }

/** A risk with what history adds to it. */
export function withHistory({ score, factors }: Risk, history: RiskHistory): Risk {
  const after = predictedRisk(score, history).score
  if (after === score) return { score, factors }
  const label =
    history.total === 0
      ? 'no such action of it ended in 30 days'
      : `${history.failed} of ${history.total} such actions failed in 30 days`
  return { score: after, factors: [...factors, { label, points: after - score }] }
}

/** How history changes a risk, as the guard's answer shows it. */
export interface PredictiveRisk {
  statistical: {
    adjustment: number
    failure_rate: number
    total_actions: number
    avg_historical_risk: number | null
    /** Actions in the last hour. */
    velocity: number
  }
  /** A model's opinion, or null if none was asked. */
  llm: { adjustment: number } | null
  total_adjustment: number
}

const OPINION_FROM = 60
const OPINION_AT_MOST = 20

/** Whether a model may be asked for an opinion about a risk. */
export function wantsOpinion(risk: number): boolean {
  return risk >= OPINION_FROM
}

/**
 * The risk with what history and, from 60 on, a model's opinion add to it. To be used only where an
 * operator switched this on.
 */
export function predictedRisk(
  risk: number,
  history: RiskHistory,
  opinion: number | null = null,
): { score: number; predictive: PredictiveRisk } {
  const adjustment = historyAdjustment(history)
  const heard = opinion !== null && Number.isFinite(opinion) && wantsOpinion(risk)
  const llm = heard
    ? { adjustment: Math.round(clamp(opinion, -OPINION_AT_MOST, OPINION_AT_MOST)) }
    : null
  const total = adjustment + (llm?.adjustment ?? 0)
  return {
    score: wholeScore(risk + total),
    predictive: {
      statistical: {
        adjustment,
        failure_rate: roundTo(failureRate(history), 4),
        total_actions: history.total,
        avg_historical_risk: history.averageRisk === null ? null : roundTo(history.averageRisk, 2),
        velocity: history.lastHour,
      },
      llm,
      total_adjustment: total,
    },
  }
}

function failureRate({ total, failed }: RiskHistory): number {
  return total === 0 ? 0 : failed / total
}

function historyAdjustment(history: RiskHistory): number {
  if (history.total === 0) return 5
  const rate = failureRate(history)
  const often = history.lastHour > 5 ? 5 : 0
  if (rate > 0.5) return 15 + often
  return rate > 0.25 ? 10 + often : often
}
