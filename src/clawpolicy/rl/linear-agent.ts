import { HEAD_SIZES } from './action.ts'
import {
  selectAction,
  splitByHead,
  type ActorCritic,
  type Experience,
  type StepLosses,
  type TrainableAgent,
} from './actor-critic.ts'
import type { RandomSource } from './random.ts'
import type { StateVector } from './state.ts'

/** An agent with linear networks; `networks` returns the current ones. */
export interface LinearAgent extends TrainableAgent {
  networks(): ActorCritic
}

export function linearAgent(start: ActorCritic, random: RandomSource): LinearAgent {
  const networks = new MutableNetworks(start)
  return {
    choose: (state, explore) =>
      selectAction(splitByHead(networks.probabilities(state)), explore ? random : undefined),
    learn: (experience) => networks.learn(experience),
    networks: () => networks.snapshot(),
  }
}

/** Where the values of each choice begin among the 11 of an action. */
const HEAD_STARTS = HEAD_SIZES.map((_, head) =>
  HEAD_SIZES.slice(0, head).reduce((sum, size) => sum + size, 0),
)

/**
 * The networks of `updateNetworks`, changed in place: the same numbers, an order of magnitude
 * faster.
 */
class MutableNetworks {
  readonly #weights: number[][]
  readonly #bias: number[]
  readonly #valueWeights: number[]
  #valueBias: number
  readonly #rates: ActorCritic['rates']

  constructor({ policy, value, rates }: ActorCritic) {
    this.#weights = policy.weights.map((row) => [...row])
    this.#bias = [...policy.bias]
    this.#valueWeights = [...value.weights]
    this.#valueBias = value.bias
    this.#rates = rates
  }

  snapshot(): ActorCritic {
    return {
      policy: { weights: this.#weights.map((row) => [...row]), bias: [...this.#bias] },
      value: { weights: [...this.#valueWeights], bias: this.#valueBias },
      rates: this.#rates,
    }
  }

  /** The probability of each of the 11 values, choice by choice. */
  probabilities(state: StateVector): number[] {
    const values = this.#bias.map(() => 0)
    for (let i = 0; i < state.length; i++) {
      const x = state[i] as number
      if (x === 0) continue
      const row = this.#weights[i] as number[]
      for (let column = 0; column < values.length; column++)
        values[column] = (values[column] as number) + x * (row[column] as number)
    }
    for (let column = 0; column < values.length; column++)
      values[column] = (values[column] as number) + (this.#bias[column] as number)
    for (let head = 0; head < HEAD_SIZES.length; head++)
      softmaxInPlace(values, HEAD_STARTS[head] as number, HEAD_SIZES[head] as number)
    return values
  }

  learn({ state, action, reward, next, done }: Experience): StepLosses {
    const estimate = this.#value(state)
    const target = done ? reward : reward + this.#rates.gamma * this.#value(next)
    const advantage = target - estimate
    const gradient = this.probabilities(state)
    let actor = 0
    for (let head = 0; head < HEAD_SIZES.length; head++) {
      const size = HEAD_SIZES[head] as number
      const start = HEAD_STARTS[head] as number
      const chosen = start + (action[head] as number)
      actor -= Math.log((gradient[chosen] as number) + 1e-10) * advantage
      for (let column = start; column < start + size; column++)
        gradient[column] = ((column === chosen ? 1 : 0) - (gradient[column] as number)) * advantage
    }
    this.#step(state, gradient, this.#rates.critic * 2 * (estimate - target))
    return { actor, critic: (estimate - target) ** 2, advantage }
  }

  #step(state: StateVector, gradient: readonly number[], push: number): void {
    const rate = this.#rates.actor
    for (let i = 0; i < state.length; i++) {
      const x = state[i] as number
      if (x === 0) continue
      const row = this.#weights[i] as number[]
      for (let column = 0; column < gradient.length; column++)
        row[column] = (row[column] as number) + rate * x * (gradient[column] as number)
      this.#valueWeights[i] = (this.#valueWeights[i] as number) - push * x
    }
    for (let column = 0; column < gradient.length; column++)
      this.#bias[column] = (this.#bias[column] as number) + rate * (gradient[column] as number)
    this.#valueBias -= push
  }

  #value(state: StateVector): number {
    let sum = 0
    for (let i = 0; i < state.length; i++)
      sum += (state[i] as number) * (this.#valueWeights[i] as number)
    return sum + this.#valueBias
  }
}

function softmaxInPlace(values: number[], start: number, size: number): void {
  let most = -Infinity
  for (let i = start; i < start + size; i++) most = Math.max(most, values[i] as number)
  let sum = 0
  for (let i = start; i < start + size; i++) {
    const raised = Math.exp((values[i] as number) - most)
    values[i] = raised
    sum += raised
  }
  for (let i = start; i < start + size; i++) values[i] = (values[i] as number) / sum
}
