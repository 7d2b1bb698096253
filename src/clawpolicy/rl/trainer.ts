import { actionAt, type AgentAction } from './action.ts'
import type { TrainableAgent, StepLosses, Experience } from './actor-critic.ts'
import { randomPick, type RandomSource } from './random.ts'
import { prioritisedReplay, uniformReplay, type ReplayBuffer } from './replay.ts'
import {
  computeReward,
  type PreferenceScores,
  type RewardContext,
  type RewardModel,
} from './reward.ts'
import {
  INITIAL_PERFORMANCE,
  MOODS,
  TASK_TYPES,
  STATE_TECHNOLOGIES,
  nextPerformance,
  encodeState,
  type StateInput,
} from './state.ts'

/** A synthetic task: its state, and the outcome of an action. */
export interface SyntheticTask {
  situation: StateInput
  outcome(action: AgentAction): RewardContext
}

/** The means over the steps of one episode. */
export interface EpisodeStats {
  actor_loss: number
  critic_loss: number
  episode_length: number
  total_return: number
}

export interface TrainingOptions {
  episodes: number
  random: RandomSource
  reward: RewardModel
  preferences?: PreferenceScores
  tasks?: (random: RandomSource) => SyntheticTask
  /** The size of the replay buffer, and whether it is prioritised. */
  replay?: { capacity?: number; prioritised?: boolean }
  /** Called every so many episodes, and after the last. */
  checkpoint?: { every: number; save: (progress: TrainingProgress) => void }
  /** Called after each episode; returning true ends the training. */
  after?: (progress: TrainingProgress) => boolean
}

export interface TrainingProgress {
  episodes: number
  steps: number
  stats: EpisodeStats
  reward: RewardModel
}

export interface TrainingResult {
  stats: EpisodeStats[]
  steps: number
  reward: RewardModel
  performance: number
}

/**
 * The size of a replay batch, which is also the smallest buffer to sample, and the batches per
 * episode.
 */
const BATCH = 32
const BATCHES = 4

/** Trains an agent on synthetic tasks. Every task completes, so an episode has one step. */
export function train(learner: TrainableAgent, options: TrainingOptions): TrainingResult {
  const { episodes, random, tasks = syntheticTask, checkpoint, after } = options
  const replay = memoryOf(options.replay)
  const stats: EpisodeStats[] = []
  let reward = options.reward
  let performance = INITIAL_PERFORMANCE
  for (let done = 1; done <= episodes; done++) {
    const task = tasks(random)
    const state = encodeState({ ...task.situation, performance })
    const action = learner.choose(state, true)
    const result = computeReward(reward, task.outcome(actionAt(action)), options.preferences)
    reward = result.model
    performance = nextPerformance(performance, result.reward)
    const step: Experience = {
      state,
      action,
      reward: result.reward,
      next: encodeState({ ...task.situation, performance }),
      done: true,
    }
    const losses = learner.learn(step)
    replay.add(step)
    replayBatches(learner, replay, random)
    stats.push({
      actor_loss: losses.actor,
      critic_loss: losses.critic,
      episode_length: 1,
      total_return: result.reward,
    })
    const progress: TrainingProgress = {
      episodes: done,
      steps: done,
      stats: stats.at(-1) as EpisodeStats,
      reward,
    }
    const stop = after?.(progress) === true
    if (checkpoint !== undefined && (done % checkpoint.every === 0 || done === episodes || stop))
      checkpoint.save(progress)
    if (stop) break
  }
  return { stats, steps: stats.length, reward, performance }
}

function memoryOf({
  capacity,
  prioritised = false,
}: { capacity?: number; prioritised?: boolean } = {}): ReplayBuffer<Experience> {
  return prioritised ? prioritisedReplay(capacity) : uniformReplay(capacity)
}

/** Learns from replayed steps, once the buffer holds a batch. */
function replayBatches(
  learner: TrainableAgent,
  replay: ReplayBuffer<Experience>,
  random: RandomSource,
): StepLosses[] {
  if (replay.size < BATCH) return []
  return Array.from({ length: BATCHES }, () => replay.sample(BATCH, random))
    .flat()
    .map(({ item, place }) => {
      const losses = learner.learn(item)
      replay.renew(place, losses.advantage)
      return losses
    })
}

/**
 * A task of a random type; its outcome is better if agent, automation and confirmation fit the
 * type.
 */
function syntheticTask(random: RandomSource): SyntheticTask {
  const taskType = randomPick(random, TASK_TYPES)
  const situation: StateInput = {
    taskType,
    technologies: [randomPick(random, STATE_TECHNOLOGIES)],
    mood: randomPick(random, MOODS),
    hour: Math.floor(random() * 24),
  }
  const luck = random()
  return { situation, outcome: (action) => outcomeOf(taskType, action, luck) }
}

function outcomeOf(
  taskType: string,
  { agent, automation, confirm }: AgentAction,
  luck: number,
): RewardContext {
  const simple = taskType === 'T1' || taskType === 'T2'
  const fits =
    (agent === (simple ? 'claude' : 'codex') ? 0.5 : 0.2) +
    (automation === (simple ? 'high' : 'low') ? 0.2 : 0.1) +
    (confirm === !simple ? 0.2 : 0.1)
  const went = Math.min(1, fits + 0.3 * luck)
  return {
    taskType,
    agent,
    task: { duration: 600 * (1.5 - went) },
    tests: { coverage: 100 * went, failed: Math.round(3 * (1 - went)) },
    feedback: {
      accepted: went > 0.6,
      codeAdoption: went,
      revisions: Math.round(3 * (1 - went)),
      rating: 1 + 4 * went,
    },
  }
}
