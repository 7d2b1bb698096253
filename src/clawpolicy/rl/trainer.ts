import { actionAt, type Action } from './action.ts'
import type { Brain, Losses, Transition } from './actor-critic.ts'
import { pick, type Random } from './random.ts'
import { prioritisedReplay, uniformReplay, type Replay } from './replay.ts'
import { rewarded, type Preferences, type RewardContext, type RewardModel } from './reward.ts'
import {
  FIRST_PERFORMANCE,
  MOODS,
  TASK_TYPES,
  TECHNOLOGIES,
  nextPerformance,
  stateOf,
  type Situation,
} from './state.ts'

/** A made-up task: where it is done, and what comes of an action in it. */
export interface SyntheticTask {
  situation: Situation
  outcome(action: Action): RewardContext
}

/** One episode in numbers: the means over its steps. */
export interface EpisodeStats {
  actor_loss: number
  critic_loss: number
  episode_length: number
  total_return: number
}

export interface TrainingOptions {
  episodes: number
  random: Random
  reward: RewardModel
  preferences?: Preferences
  tasks?: (random: Random) => SyntheticTask
  /** How many steps are remembered, and whether surprising ones are replayed more often. */
  replay?: { capacity?: number; prioritised?: boolean }
  /** Called after each so many episodes, and after the last. */
  checkpoint?: { every: number; save: (progress: Progress) => void }
  /** Called after each episode; true ends the training. */
  after?: (progress: Progress) => boolean
}

export interface Progress {
  episodes: number
  steps: number
  stats: EpisodeStats
  reward: RewardModel
}

export interface Training {
  stats: EpisodeStats[]
  steps: number
  reward: RewardModel
  performance: number
}

/** How many steps are replayed together, how many times after each episode, and from how many remembered on. */
const BATCH = 32
const BATCHES = 4

/** Trains a brain on made-up tasks. Each is completed, so an episode is one step. */
export function train(brain: Brain, options: TrainingOptions): Training {
  const { episodes, random, tasks = syntheticTask, checkpoint, after } = options
  const replay = memoryOf(options.replay)
  const stats: EpisodeStats[] = []
  let reward = options.reward
  let performance = FIRST_PERFORMANCE
  for (let done = 1; done <= episodes; done++) {
    const task = tasks(random)
    const state = stateOf({ ...task.situation, performance })
    const action = brain.choose(state, true)
    const result = rewarded(reward, task.outcome(actionAt(action)), options.preferences)
    reward = result.model
    performance = nextPerformance(performance, result.reward)
    const step: Transition = {
      state,
      action,
      reward: result.reward,
      next: stateOf({ ...task.situation, performance }),
      done: true,
    }
    const losses = brain.learn(step)
    replay.add(step)
    replayed(brain, replay, random)
    stats.push({
      actor_loss: losses.actor,
      critic_loss: losses.critic,
      episode_length: 1,
      total_return: result.reward,
    })
    const progress: Progress = {
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
}: { capacity?: number; prioritised?: boolean } = {}): Replay<Transition> {
  return prioritised ? prioritisedReplay(capacity) : uniformReplay(capacity)
}

/** Learns again from what is remembered, once there is enough of it. */
export function replayed(brain: Brain, replay: Replay<Transition>, random: Random): Losses[] {
  if (replay.size < BATCH) return []
  return Array.from({ length: BATCHES }, () => replay.sample(BATCH, random))
    .flat()
    .map(({ item, place }) => {
      const losses = brain.learn(item)
      replay.renew(place, losses.advantage)
      return losses
    })
}

/** A task of any kind, which goes the better the more its agent and its automation fit the type. */
export function syntheticTask(random: Random): SyntheticTask {
  const taskType = pick(random, TASK_TYPES)
  const situation: Situation = {
    taskType,
    technologies: [pick(random, TECHNOLOGIES)],
    mood: pick(random, MOODS),
    hour: Math.floor(random() * 24),
  }
  const luck = random()
  return { situation, outcome: (action) => outcomeOf(taskType, action, luck) }
}

function outcomeOf(
  taskType: string,
  { agent, automation, confirm }: Action,
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
