import { ACTION_SIZE, HEAD_SIZES, type ActionIndex } from './action.ts'
import { randomBelow, randomNormal, weightedIndex, type RandomSource } from './random.ts'
import { STATE_SIZE, type StateVector } from './state.ts'

/** The actor: logits are `state · weights + bias`. `weights` has 17 rows and 11 columns. */
export interface PolicyNetwork {
  readonly weights: readonly (readonly number[])[]
  readonly bias: readonly number[]
}

/** The critic: the value of a state is `state · weights + bias`. */
interface ValueNetwork {
  readonly weights: readonly number[]
  readonly bias: number
}

/** Two linear networks: the actor chooses actions, the critic estimates the value of states. */
export interface ActorCritic {
  readonly policy: PolicyNetwork
  readonly value: ValueNetwork
  readonly rates: LearningRates
}

export interface LearningRates {
  /** The discount of the next reward. */
  readonly gamma: number
  readonly actor: number
  readonly critic: number
}

export const DEFAULT_RATES: LearningRates = { gamma: 0.99, actor: 0.01, critic: 0.01 }

/** One step: state, action, reward, and the next state. */
export interface Experience {
  readonly state: StateVector
  readonly action: ActionIndex
  readonly reward: number
  readonly next: StateVector
  readonly done: boolean
}

/** The losses of one update; `advantage` is the target minus the estimated value. */
export interface StepLosses {
  readonly actor: number
  readonly critic: number
  readonly advantage: number
}

/** Networks that choose actions and learn from experience. */
export interface TrainableAgent {
  /**
   * The most likely action. With `explore`, every tenth action is uniform and the others are
   * sampled by their probabilities.
   */
  choose(state: StateVector, explore: boolean): ActionIndex
  learn(transition: Experience): StepLosses
}

const EXPLORED = 0.1

/** Untrained networks: weights of 0.01 N(0, 1), bias 0. */
export function freshActorCritic(
  random: RandomSource,
  rates: LearningRates = DEFAULT_RATES,
): ActorCritic {
  const small = () => 0.01 * randomNormal(random)
  const row = (size: number) => Array.from({ length: size }, small)
  return {
    policy: {
      weights: Array.from({ length: STATE_SIZE }, () => row(ACTION_SIZE)),
      bias: zeros(ACTION_SIZE),
    },
    value: { weights: row(STATE_SIZE), bias: 0 },
    rates,
  }
}

/** Networks whose weights are all zero. */
export function zeroActorCritic(rates: LearningRates = DEFAULT_RATES): ActorCritic {
  return {
    policy: {
      weights: Array.from({ length: STATE_SIZE }, () => zeros(ACTION_SIZE)),
      bias: zeros(ACTION_SIZE),
    },
    value: { weights: zeros(STATE_SIZE), bias: 0 },
    rates,
  }
}

/** The probability of each value, for each choice: the softmax of its logits. */
export function actionProbabilities(
  { weights, bias }: PolicyNetwork,
  state: StateVector,
): number[][] {
  return splitByHead(
    bias.map(
      (offset, column) =>
        state.reduce((sum, x, row) => sum + x * (weights[row]?.[column] ?? 0), 0) + offset,
    ),
  ).map(softmax)
}

export function stateValue({ weights, bias }: ValueNetwork, state: StateVector): number {
  return state.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) + bias
}

/** The most likely action; with a random source, see `TrainableAgent.choose`. */
export function selectAction(
  likely: readonly (readonly number[])[],
  explore: RandomSource | undefined,
): ActionIndex {
  if (explore === undefined)
    return likely.map((head) => head.indexOf(Math.max(...head))) as unknown as ActionIndex
  const blind = explore() < EXPLORED
  return likely.map((head) =>
    blind ? randomBelow(explore, head.length) : weightedIndex(explore, head),
  ) as unknown as ActionIndex
}

/**
 * The networks after one step of gradient descent, and the losses before it: g = (onehot - pi) A
 * and V(s) - target, see Sutton & Barto, Reinforcement Learning, 13.5.
 */
export function updateNetworks(
  { policy, value, rates }: ActorCritic,
  { state, action, reward, next, done }: Experience,
): { networks: ActorCritic; losses: StepLosses } {
  const judged = stateValue(value, state)
  const target = done ? reward : reward + rates.gamma * stateValue(value, next)
  const advantage = target - judged
  const likely = actionProbabilities(policy, state)
  const pull = likely.flatMap((head, h) =>
    head.map((p, i) => ((i === action[h] ? 1 : 0) - p) * advantage),
  )
  const push = rates.critic * 2 * (judged - target)
  return {
    networks: {
      policy: {
        weights: policy.weights.map((row, i) =>
          row.map((w, column) => w + rates.actor * (state[i] ?? 0) * (pull[column] as number)),
        ),
        bias: policy.bias.map((b, column) => b + rates.actor * (pull[column] as number)),
      },
      value: {
        weights: value.weights.map((w, i) => w - push * (state[i] ?? 0)),
        bias: value.bias - push,
      },
      rates,
    },
    losses: {
      actor: actorLoss(likely, action, advantage),
      critic: (judged - target) ** 2,
      advantage,
    },
  }
}

export function actorLoss(
  likely: readonly (readonly number[])[],
  action: ActionIndex,
  advantage: number,
): number {
  return likely.reduce(
    (sum, head, h) => sum - Math.log((head[action[h] as number] as number) + 1e-10) * advantage,
    0,
  )
}

export function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits)
  const raised = logits.map((logit) => Math.exp(logit - most))
  const sum = raised.reduce((a, b) => a + b, 0)
  return raised.map((x) => x / sum)
}

export function splitByHead<T>(values: readonly T[]): T[][] {
  let from = 0
  return HEAD_SIZES.map((size) => values.slice(from, (from += size)))
}

function zeros(size: number): number[] {
  return Array.from({ length: size }, () => 0)
}
