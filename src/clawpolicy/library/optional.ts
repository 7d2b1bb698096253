// The public surface of `clawdeck/policy/optional`, written out: see src/clawpolicy/README.md.

// State, action and reward
export {
  AGENT_NAMES,
  AUTOMATION_LEVELS,
  COMMUNICATION_STYLES,
  actionAt,
  actionIndex,
  actionOfVector,
  actionVector,
  type ActionIndex,
  type AgentAction,
} from '../rl/action.ts'
export { encodeState, nextPerformance, type StateInput, type StateVector } from '../rl/state.ts'
export {
  computeReward,
  freshRewardModel,
  signalScore,
  type LearningPhase,
  type PreferenceScores,
  type RewardContext,
  type RewardModel,
  type RewardModelOptions,
  type RewardSignal,
} from '../rl/reward.ts'

// Learning
export {
  actionProbabilities,
  freshActorCritic,
  stateValue,
  updateNetworks,
  zeroActorCritic,
  type ActorCritic,
  type Experience,
  type LearningRates,
  type StepLosses,
  type TrainableAgent,
} from '../rl/actor-critic.ts'
export { linearAgent, type LinearAgent } from '../rl/linear-agent.ts'
export { neuralAgent, type NeuralAgent, type NeuralOptions } from '../rl/optional/neural.ts'
export {
  EMPTY_REWARD_HISTORY,
  MODEL_FOLDER,
  historicalPreferences,
  onlineLearner,
  recordReward,
  type OnlineLearner,
  type OnlineOptions,
  type OnlineState,
  type Recommendation,
  type RewardHistory,
} from '../rl/online.ts'
export { seededRandom, type RandomSource } from '../rl/random.ts'
export { prioritisedReplay, uniformReplay, type ReplayBuffer } from '../rl/replay.ts'
export {
  train,
  type EpisodeStats,
  type SyntheticTask,
  type TrainingOptions,
  type TrainingProgress,
  type TrainingResult,
} from '../rl/trainer.ts'
export {
  readModel,
  readRewardModel,
  writeModel,
  writeRewardModel,
  type ModelCounts,
  type ModelTexts,
} from '../rl/files.ts'

// Distributed trainer, tuner, monitoring, performance
export {
  trainProjects,
  type DistributedOptions,
  type DistributedTraining,
  type TrainingReport,
  type TrainingStatus,
} from '../rl/optional/distributed.ts'
export type { ProjectResult } from '../rl/optional/training-jobs.ts'
export {
  DEFAULT_SCHEDULE,
  learningRateAt,
  type LearningRateSchedule,
} from '../rl/optional/schedules.ts'
export {
  earlyStopping,
  tuneHyperparameters,
  type Hyperparameters,
  type ParameterRange,
  type SearchMethod,
  type SearchSpace,
  type TunerOptions,
  type TunerResult,
  type TunerTrial,
} from '../rl/optional/tuner.ts'
export {
  compareRuns,
  fitSaturation,
  hasConverged,
  hasPlateaued,
  summarizeSeries,
  trainingMonitor,
  type MetricPoint,
  type MetricSink,
  type SaturationFit,
  type SeriesSummary,
  type TrainingMonitor,
} from '../rl/optional/monitoring.ts'
export { eventFileName, tensorboardSink } from '../rl/optional/tensorboard.ts'
export {
  batched,
  compiled,
  dequantize,
  lruCache,
  quantize,
  type BatchOptions,
  type BatchedFunction,
  type LruCache,
  type QuantizedValues,
} from '../rl/optional/performance.ts'

// Learning from a repository's history and from rewards
export {
  GIT_LOG_LIMIT,
  GitLogParser,
  gitLogArguments,
  summarizeHistory,
  type GitCommit,
  type GitHistory,
  type Technology,
} from '../learner/history.ts'
export { weakPreferences, type Preferences } from '../learner/preferences.ts'
export { savePreferences } from './config-file.ts'
export { HintLearner, type HintOptions } from '../learner/hint.ts'
export { AgentRuleLearner, adjustConfidence, type CompletedTask } from '../learner/agent-rule.ts'
export { strongEvidence, type StrongEvidence } from '../learner/strong.ts'
