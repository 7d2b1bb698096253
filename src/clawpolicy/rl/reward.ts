/** What is known about a completed task. Everything has a default, see `REWARD_MEASURES`. */
export interface RewardContext {
  taskType?: string
  agent?: string
  workflow?: string
  /** `duration` in seconds. */
  task?: { duration?: number; errors?: number; testFilesCreated?: boolean; testsPassed?: boolean }
  /** `coverage` in percent. */
  tests?: { coverage?: number; failed?: number }
  code?: { complexity?: number; duplication?: number; lintScore?: number }
  feedback?: {
    accepted?: boolean
    revisions?: number
    codeAdoption?: number
    committed?: boolean
    rewritePercentage?: number
    /** 1 to 5. */
    rating?: number
    correction?: string
    positiveComments?: number
    negativeComments?: number
  }
}

/**
 * Mean rewards of an agent or a workflow for a task type, 0 to 1; undefined if there are none yet.
 */
export interface PreferenceScores {
  agent(taskType: string, agent: string): number | undefined
  workflow(taskType: string, workflow: string): number | undefined
}

const AGENT_PRIORS: Record<string, number> = {
  'T1/claude': 0.9,
  'T2/claude': 0.8,
  'T3/codex': 0.9,
  'T4/codex': 0.95,
}
const WORKFLOW_PRIORS: Record<string, number> = { tdd: 0.9, test_first: 0.85 }
const NOTHING_LEARNED: PreferenceScores = { agent: () => undefined, workflow: () => undefined }

/**
 * One reward signal: its initial weight, the range of its raw value, and whether less is better.
 */
interface Measure {
  weight: number
  min: number
  max: number
  less?: true
  raw: (context: RewardContext, learned: PreferenceScores) => number
}

const REWARD_MEASURES = {
  test_coverage: { weight: 0.15, min: 0, max: 100, raw: coverage },
  code_quality: { weight: 0.1, min: 0, max: 10, raw: quality },
  bug_count: {
    weight: 0.1,
    min: 0,
    max: 10,
    less: true,
    raw: ({ tests, task }) => (tests?.failed ?? 0) + (task?.errors ?? 0),
  },
  task_time: {
    weight: 0.05,
    min: 0,
    max: 3600,
    less: true,
    raw: ({ task }) => task?.duration ?? 0,
  },
  acceptance_rate: { weight: 0.15, min: 0, max: 1, raw: acceptance },
  adoption_rate: {
    weight: 0.1,
    min: 0,
    max: 1,
    raw: ({ feedback }) => feedback?.codeAdoption ?? (feedback?.committed === false ? 0 : 1),
  },
  rewrite_rate: {
    weight: 0.05,
    min: 0,
    max: 1,
    less: true,
    raw: ({ feedback }) =>
      feedback?.rewritePercentage ?? Math.min(1, (feedback?.revisions ?? 0) / 3),
  },
  user_rating: {
    weight: 0.15,
    min: 1,
    max: 5,
    raw: (context) => context.feedback?.rating ?? (acceptance(context) === 1 ? 4 : 2),
  },
  feedback_count: {
    weight: 0.05,
    min: 0,
    max: 10,
    raw: ({ feedback }) => (feedback?.positiveComments ?? 0) + (feedback?.negativeComments ?? 0),
  },
  agent_preference: { weight: 0.05, min: 0, max: 1, raw: agentPreference },
  workflow_preference: { weight: 0.05, min: 0, max: 1, raw: workflowPreference },
} satisfies Record<string, Measure>

export type RewardSignal = keyof typeof REWARD_MEASURES
export const REWARD_SIGNALS = Object.keys(REWARD_MEASURES) as RewardSignal[]
type Weights = Readonly<Record<RewardSignal, number>>

export type LearningPhase = 'early' | 'mature'

/** The current weights of the signals, and the history of rewards. */
export interface RewardModel {
  readonly phase: LearningPhase
  readonly taskCount: number
  readonly negativeFeedbackCount: number
  /**
   * The latest rewards. Each signal has its weight and what was measured for it, before any
   * inversion.
   */
  readonly rewards: readonly number[]
  /** How many rewards and scores are kept. */
  readonly historyLimit: number
  readonly signals: Readonly<
    Record<RewardSignal, { readonly weight: number; readonly history: readonly number[] }>
  >
}

const FACTORS: Record<LearningPhase, Partial<Weights>> = {
  early: { acceptance_rate: 1.5, adoption_rate: 1.3, user_rating: 1.5 },
  mature: {
    test_coverage: 1.5,
    code_quality: 1.3,
    agent_preference: 1.5,
    workflow_preference: 1.3,
  },
}
const AFTER_COMPLAINT: Partial<Weights> = {
  agent_preference: 0.8,
  workflow_preference: 0.8,
  user_rating: 1.3,
  feedback_count: 1.2,
  code_quality: 1.2,
  test_coverage: 1.2,
}

/** The number of rewards after which the early phase ends. */
const EARLY_REWARDS = 20
const HISTORY_LIMIT = 1000

/** `historyLimit` is 1000 by default; the original keeps everything, which is `Infinity`. */
export interface RewardModelOptions {
  historyLimit?: number
}

export function freshRewardModel(
  phase: LearningPhase = 'early',
  { historyLimit = HISTORY_LIMIT }: RewardModelOptions = {},
): RewardModel {
  const base = bySignal((signal) => ({ weight: REWARD_MEASURES[signal].weight, history: [] }))
  return {
    phase,
    taskCount: 0,
    negativeFeedbackCount: 0,
    rewards: [],
    historyLimit,
    signals: reweighed(base, FACTORS[phase]),
  }
}

/**
 * The reward of a task, 0 to 1: the sum of weight times score. The returned model is for the next
 * task.
 */
export function computeReward(
  model: RewardModel,
  context: RewardContext,
  learned: PreferenceScores = NOTHING_LEARNED,
): { reward: number; model: RewardModel } {
  const measured = bySignal((signal) => measuredShare(signal, context, learned))
  const reward = clamp(
    REWARD_SIGNALS.reduce(
      (sum, signal) =>
        sum + model.signals[signal].weight * scoreOf(REWARD_MEASURES[signal], measured[signal]),
      0,
    ),
    0,
    1,
  )
  const recorded = bySignal((signal) => ({
    weight: model.signals[signal].weight,
    history: appended(model.signals[signal].history, measured[signal], model.historyLimit),
  }))
  const complained = isComplaint(context)
  const taskCount = model.taskCount + 1
  const matures = model.phase === 'early' && taskCount >= EARLY_REWARDS
  const afterComplaint = complained ? reweighed(recorded, AFTER_COMPLAINT) : recorded
  return {
    reward,
    model: {
      ...model,
      phase: matures ? 'mature' : model.phase,
      taskCount,
      negativeFeedbackCount: model.negativeFeedbackCount + (complained ? 1 : 0),
      rewards: appended(model.rewards, reward, model.historyLimit),
      signals: matures ? reweighed(afterComplaint, FACTORS.mature) : afterComplaint,
    },
  }
}

/** The score of a signal, 0 to 1: what was measured, inverted where less is better. */
export function signalScore(
  signal: RewardSignal,
  context: RewardContext,
  learned: PreferenceScores = NOTHING_LEARNED,
): number {
  return scoreOf(REWARD_MEASURES[signal], measuredShare(signal, context, learned))
}

/** What was measured for a signal, 0 to 1: (raw - min) / (max - min), clamped. */
function measuredShare(
  signal: RewardSignal,
  context: RewardContext,
  learned: PreferenceScores,
): number {
  const measure: Measure = REWARD_MEASURES[signal]
  const share = (measure.raw(context, learned) - measure.min) / (measure.max - measure.min)
  return clamp(share, 0, 1)
}

function scoreOf(measure: Measure, share: number): number {
  return measure.less === true ? 1 - share : share
}

function bySignal<T>(of: (signal: RewardSignal) => T): Record<RewardSignal, T> {
  const entries = REWARD_SIGNALS.map((signal) => [signal, of(signal)] as const)
  return Object.fromEntries(entries) as Record<RewardSignal, T>
}

function isComplaint({ feedback }: RewardContext): boolean {
  const rating = feedback?.rating
  return (rating !== undefined && rating >= 1 && rating <= 2) || (feedback?.correction ?? '') !== ''
}

function reweighed(
  signals: RewardModel['signals'],
  factors: Partial<Weights>,
): RewardModel['signals'] {
  const weights = bySignal((signal) => signals[signal].weight * (factors[signal] ?? 1))
  const sum = REWARD_SIGNALS.reduce((total, signal) => total + weights[signal], 0)
  return bySignal((signal) => ({
    ...signals[signal],
    weight: weights[signal] / sum,
  }))
}

function appended(history: readonly number[], next: number, limit: number): number[] {
  return [...history, next].slice(-limit)
}

function coverage({ tests, task }: RewardContext): number {
  const measured = tests?.coverage ?? 0
  if (measured !== 0) return measured
  return Math.min(
    100,
    (task?.testFilesCreated === true ? 50 : 0) + (task?.testsPassed === true ? 30 : 0),
  )
}

function quality({ code }: RewardContext): number {
  return clamp(
    5 +
      0.3 * (10 - (code?.complexity ?? 5)) +
      2 * (1 - (code?.duplication ?? 0.1)) +
      1.5 * (code?.lintScore ?? 0.8),
    0,
    10,
  )
}

function acceptance({ feedback }: RewardContext): number {
  if (feedback?.accepted !== undefined) return feedback.accepted ? 1 : 0
  return Math.max(0, 1 - 0.2 * (feedback?.revisions ?? 0))
}

function agentPreference(
  { taskType = 'T2', agent = 'claude' }: RewardContext,
  learned: PreferenceScores,
): number {
  return learned.agent(taskType, agent) ?? AGENT_PRIORS[`${taskType}/${agent}`] ?? 0.5
}

function workflowPreference(
  { taskType = 'T2', workflow = 'standard' }: RewardContext,
  learned: PreferenceScores,
): number {
  return learned.workflow(taskType, workflow) ?? WORKFLOW_PRIORS[workflow] ?? 0.6
}

/** NaN counts as the minimum. */
function clamp(value: number, min: number, max: number): number {
  return Number.isNaN(value) ? min : Math.min(max, Math.max(min, value))
}
