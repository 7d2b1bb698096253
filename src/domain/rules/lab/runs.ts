import { Fault } from '../../../base/fault.ts'
import { actionAt } from '../../../clawpolicy/rl/action.ts'
import { DEFAULT_RATES, freshActorCritic } from '../../../clawpolicy/rl/actor-critic.ts'
import { linearAgent, type LinearAgent } from '../../../clawpolicy/rl/linear-agent.ts'
import { writeModel } from '../../../clawpolicy/rl/files.ts'
import { mean } from '../../../clawpolicy/rl/optional/statistics.ts'
import { tuneHyperparameters, type Hyperparameters } from '../../../clawpolicy/rl/optional/tuner.ts'
import { randomPick, seededRandom } from '../../../clawpolicy/rl/random.ts'
import { freshRewardModel } from '../../../clawpolicy/rl/reward.ts'
import { train } from '../../../clawpolicy/rl/trainer.ts'
import { agreementOf, confusionOf, outcomeOfAction, scoreOf } from './outcomes.ts'
import { confusionTable, sparkline, trialTable } from './plot.ts'
import { stateVectorOf, type RecordedDecision } from './recorded.ts'
import type {
  Confusion,
  EvaluateReport,
  LabData,
  TrainReport,
  TuneReport,
  TuneTrial,
} from './types.ts'

/** What a run is given besides the decisions. */
export interface RunOptions {
  seed: number
  episodes: number
  trials: number
  /** Whether the time is over. */
  outOfTime: () => boolean
  /** Whether the result is not wanted any more. */
  aborted: () => boolean
  progress: (line: string, done: number, of: number) => void
}

/** What a training hands out: its report, and the model by the names of its files. */
export interface Trained extends Omit<TrainReport, 'saved'> {
  model: Readonly<Record<string, string>>
}

/** Below this, a held-out part says nothing. */
const FEWEST_DECISIONS = 20
/** The share of the latest decisions that is held out. */
const HELD_OUT = 0.25
/** Rewards are kept for the plot only, so the reward model keeps few. */
const REWARD_HISTORY = 10

/** Trains a model on the training part. */
export function runTraining(decisions: readonly RecordedDecision[], options: RunOptions): Trained {
  const { data, training } = splitDecisions(decisions)
  const { agent, rewards, stopped } = trained(training, DEFAULTS, options)
  const tenth = Math.max(1, Math.ceil(rewards.length / 10))
  return {
    data,
    episodes: rewards.length,
    stopped,
    firstReward: mean(rewards.slice(0, tenth)),
    lastReward: mean(rewards.slice(-tenth)),
    model: writeModel(agent.networks(), { episodes: rewards.length, steps: rewards.length }),
    plot: sparkline(rewards),
  }
}

/**
 * Trains a model on the training part, and compares it with what people decided in the held-out
 * part.
 */
export function runEvaluation(
  decisions: readonly RecordedDecision[],
  options: RunOptions,
): EvaluateReport {
  const { data, training, heldOut } = splitDecisions(decisions)
  const { agent, rewards, stopped } = trained(training, DEFAULTS, options)
  const confusion = confusionOfAgent(agent, heldOut)
  return {
    data,
    episodes: rewards.length,
    stopped,
    confusion,
    agreement: agreementOf(confusion),
    alwaysAsk: agreementOf(confusionOf(heldOut, () => true)),
    score: scoreOf(confusion),
    plot: sparkline(rewards),
    table: confusionTable(confusion),
  }
}

/**
 * Searches for hyperparameters: each trial trains on the training part without its end, and is
 * scored on that end.
 */
export async function runTuning(
  decisions: readonly RecordedDecision[],
  options: RunOptions,
): Promise<TuneReport> {
  const { data, training, heldOut } = splitDecisions(decisions)
  const { training: fitting, heldOut: validation } = splitDecisions(training)
  const trials: TuneTrial[] = []
  const quiet = { ...options, progress: () => undefined }
  const { importance } = await tuneHyperparameters({
    space: SPACE,
    method: 'bayesian',
    trials: options.trials,
    random: seededRandom(options.seed),
    stop: () => options.outOfTime() || options.aborted(),
    objective(values) {
      const parameters = parametersOf(values)
      const { agent, stopped } = trained(fitting, parameters, quiet)
      const score = scoreOf(confusionOfAgent(agent, validation))
      // A training that was cut short says nothing about its parameters.
      if (stopped) return score
      trials.push({ ...parameters, score })
      const line = `trial ${trials.length} of ${options.trials}: score ${score.toFixed(3)}`
      options.progress(line, trials.length, options.trials)
      return score
    },
  })
  const [first] = trials
  if (first === undefined)
    throw new Fault('timeout', 'no trial was completed within the time limit', {
      hint: 'Allow more time, or fewer episodes.',
    })
  const best = trials.reduce((top, trial) => (trial.score > top.score ? trial : top), first)
  // The last two trainings are compared, so neither is cut short.
  const whole = { ...quiet, outOfTime: () => false }
  const heldOutScore = (parameters: Parameters) =>
    scoreOf(confusionOfAgent(trained(training, parameters, whole).agent, heldOut))
  return {
    data,
    episodes: options.episodes,
    stopped: trials.length < options.trials,
    trials,
    best,
    importance,
    heldOutScore: heldOutScore(best),
    defaultScore: heldOutScore(DEFAULTS),
    plot: sparkline(trials.map(({ score }) => score)),
    table: trialTable(trials),
  }
}

type Parameters = Omit<TuneTrial, 'score'>

const DEFAULTS: Parameters = {
  actorRate: DEFAULT_RATES.actor,
  criticRate: DEFAULT_RATES.critic,
  prioritised: false,
}

const SPACE = {
  actorRate: { low: 0.002, high: 0.1 },
  criticRate: { low: 0.002, high: 0.1 },
  prioritised: { choices: [false, true] },
} as const

function parametersOf(values: Hyperparameters): Parameters {
  return {
    actorRate: values['actorRate'] as number,
    criticRate: values['criticRate'] as number,
    prioritised: values['prioritised'] as boolean,
  }
}

interface TrainedAgent {
  agent: LinearAgent
  /** The reward of each episode. */
  rewards: number[]
  /** Whether it ended before all of its episodes. */
  stopped: boolean
}

/** Training may end in a local optimum, so it starts several times, and what fits best is kept. */
const ATTEMPTS = 3

function trained(
  decisions: readonly RecordedDecision[],
  parameters: Parameters,
  options: RunOptions,
): TrainedAgent {
  let best: { score: number; made: TrainedAgent } | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const made = trainedOnce(
      decisions,
      parameters,
      { ...options, seed: options.seed + attempt },
      attempt,
    )
    const score = scoreOf(confusionOfAgent(made.agent, decisions))
    if (best === undefined || score > best.score) best = { score, made }
    if (made.stopped) return { ...best.made, stopped: true }
  }
  return (best as { made: TrainedAgent }).made
}

/** A model trained on random decisions. */
function trainedOnce(
  decisions: readonly RecordedDecision[],
  { actorRate, criticRate, prioritised }: Parameters,
  { seed, episodes, outOfTime, aborted, progress }: RunOptions,
  attempt: number,
): TrainedAgent {
  const random = seededRandom(seed)
  const rates = { ...DEFAULT_RATES, actor: actorRate, critic: criticRate }
  const agent = linearAgent(freshActorCritic(random, rates), random)
  const groups = byAnswer(decisions)
  const every = Math.max(1, Math.floor(episodes / 10))
  let recent: number[] = []
  const { stats } = train(agent, {
    episodes,
    random,
    reward: freshRewardModel('early', { historyLimit: REWARD_HISTORY }),
    replay: { prioritised },
    tasks() {
      const decision = randomPick(random, randomPick(random, groups))
      return {
        situation: decision.state,
        outcome: (action) => outcomeOfAction(decision, action),
      }
    },
    after({ episodes: done, stats: { total_return } }) {
      recent.push(total_return)
      if (done % every === 0) {
        const where = `attempt ${attempt + 1} of ${ATTEMPTS}, episode ${done} of ${episodes}`
        const line = `${where}: reward ${mean(recent).toFixed(3)}`
        progress(line, attempt * episodes + done, ATTEMPTS * episodes)
        recent = []
      }
      return outOfTime() || aborted()
    },
  })
  const rewards = stats.map(({ total_return }) => total_return)
  return { agent, rewards, stopped: rewards.length < episodes }
}

/**
 * Both answers are drawn equally often: otherwise the rarer one, often a refusal, would hardly be
 * learned.
 */
function byAnswer(decisions: readonly RecordedDecision[]): RecordedDecision[][] {
  const groups = [true, false].map((allowed) =>
    decisions.filter((decision) => decision.allowed === allowed),
  )
  return groups.filter((group) => group.length > 0)
}

function confusionOfAgent(agent: LinearAgent, decisions: readonly RecordedDecision[]): Confusion {
  return confusionOf(
    decisions,
    (decision) => actionAt(agent.choose(stateVectorOf(decision), false)).confirm,
  )
}

/** Decisions in two parts by time. Throws Fault `not.possible` for too few of them. */
function splitDecisions(decisions: readonly RecordedDecision[]): {
  data: LabData
  training: readonly RecordedDecision[]
  heldOut: readonly RecordedDecision[]
} {
  if (decisions.length < FEWEST_DECISIONS)
    throw new Fault(
      'not.possible',
      `the lab needs ${FEWEST_DECISIONS} decisions of people, and there are ${decisions.length}`,
      { hint: 'Decide more questions, or look further back.' },
    )
  const training = decisions.slice(0, Math.floor(decisions.length * (1 - HELD_OUT)))
  const heldOut = decisions.slice(training.length)
  const allowed = decisions.filter((decision) => decision.allowed).length
  return {
    data: {
      questions: decisions.length,
      allowed,
      refused: decisions.length - allowed,
      training: training.length,
      heldOut: heldOut.length,
      from: decisions[0]?.at ?? 0,
      until: decisions.at(-1)?.at ?? 0,
    },
    training,
    heldOut,
  }
}
