import { actionAt, actionIndex, type AgentAction } from './action.ts'
import type { TrainableAgent, StepLosses } from './actor-critic.ts'
import {
  computeReward,
  type PreferenceScores,
  type RewardContext,
  type RewardModel,
} from './reward.ts'
import { INITIAL_PERFORMANCE, nextPerformance, encodeState, type StateInput } from './state.ts'

/** The folder of a trained model in the user's cache folder. */
export const MODEL_FOLDER = 'clawpolicy/models/rl'

/** Count and sum of rewards, by task type and agent, and by task type and workflow. */
export interface RewardHistory {
  readonly agents: Tally
  readonly workflows: Tally
}

type Tally = ReadonlyMap<string, { readonly count: number; readonly sum: number }>

export const EMPTY_REWARD_HISTORY: RewardHistory = { agents: new Map(), workflows: new Map() }

/** The history with one more reward, clamped to 0..1. */
export function recordReward(
  before: RewardHistory,
  { taskType, agent, workflow }: { taskType: string; agent: string; workflow: string },
  reward: number,
): RewardHistory {
  const clamped = Math.min(1, Math.max(0, reward))
  return {
    agents: plus(before.agents, keyOf(taskType, agent), clamped),
    workflows: plus(before.workflows, keyOf(taskType, workflow), clamped),
  }
}

/** The mean rewards of a history. */
export function historicalPreferences({ agents, workflows }: RewardHistory): PreferenceScores {
  return {
    agent: (taskType, agent) => mean(agents, keyOf(taskType, agent)),
    workflow: (taskType, workflow) => mean(workflows, keyOf(taskType, workflow)),
  }
}

/**
 * The best action, the confidence in it (0.7 + 0.3 times recent performance), and whether to ask
 * first. Policies decide the last, not the networks.
 */
export interface Recommendation {
  action: AgentAction
  confidence: number
  confirmation: boolean
}

export interface OnlineOptions {
  learner: TrainableAgent
  reward: RewardModel
  noted?: RewardHistory
  performance?: number
  /** Called after every tenth episode. */
  save?: (state: OnlineState) => void
}

/** The state of an online learner apart from its networks. */
export interface OnlineState {
  reward: RewardModel
  noted: RewardHistory
  performance: number
  episodes: number
}

export interface OnlineLearner {
  /** The best known action; `mustConfirm` is what the policies decided about the task. */
  recommend(situation: StateInput, mustConfirm: boolean): Recommendation
  /** Learns from a completed task. Returns its reward. */
  learn(
    situation: StateInput,
    action: AgentAction,
    context: RewardContext,
  ): { reward: number; losses: StepLosses }
  state(): OnlineState
}

const SAVED_EVERY = 10

/** Learns from real tasks, one by one, without exploration. */
export function onlineLearner({
  learner,
  reward: model,
  noted: before = EMPTY_REWARD_HISTORY,
  performance = INITIAL_PERFORMANCE,
  save,
}: OnlineOptions): OnlineLearner {
  let known: OnlineState = { reward: model, noted: before, performance, episodes: 0 }
  const at = (situation: StateInput) =>
    encodeState({ ...situation, performance: known.performance })
  return {
    recommend: (situation, mustConfirm) => ({
      action: actionAt(learner.choose(at(situation), false)),
      confidence: 0.7 + 0.3 * known.performance,
      confirmation: mustConfirm,
    }),
    learn(situation, action, context) {
      const about = {
        taskType: situation.taskType ?? 'T2',
        agent: action.agent,
        workflow: context.workflow ?? 'standard',
      }
      const { reward, model: next } = computeReward(
        known.reward,
        { ...context, ...about },
        historicalPreferences(known.noted),
      )
      const state = at(situation)
      known = {
        reward: next,
        noted: recordReward(known.noted, about, reward),
        performance: nextPerformance(known.performance, reward),
        episodes: known.episodes + 1,
      }
      const losses = learner.learn({
        state,
        action: actionIndex(action),
        reward,
        next: at(situation),
        done: true,
      })
      if (known.episodes % SAVED_EVERY === 0) save?.(known)
      return { reward, losses }
    },
    state: () => known,
  }
}

function keyOf(taskType: string, name: string): string {
  return JSON.stringify([taskType, name])
}

function plus(tally: Tally, key: string, reward: number): Tally {
  const { count, sum } = tally.get(key) ?? { count: 0, sum: 0 }
  return new Map(tally).set(key, { count: count + 1, sum: sum + reward })
}

function mean(tally: Tally, key: string): number | undefined {
  const found = tally.get(key)
  return found === undefined ? undefined : found.sum / found.count
}
