import { ACTION_SIZE } from '../action.ts'
import {
  DEFAULT_RATES,
  actorLoss,
  splitByHead,
  selectAction,
  softmax,
  type TrainableAgent,
  type Experience,
} from '../actor-critic.ts'
import { randomNormal, type RandomSource } from '../random.ts'
import { STATE_SIZE, type StateVector } from '../state.ts'

/** The weights of one layer, row by row for each input, with the moments that Adam keeps. */
interface Layer {
  inputs: number
  outputs: number
  weights: Tuned
  bias: Tuned
}

interface Tuned {
  values: Float64Array
  first: Float64Array
  second: Float64Array
}

/** A multilayer perceptron with ReLU between its layers. */
interface Network {
  layers: Layer[]
  steps: number
}

export interface NeuralOptions {
  hidden?: readonly number[]
  rate?: number
  gamma?: number
}

export interface NeuralAgent extends TrainableAgent {
  probabilities(state: StateVector): number[][]
  value(state: StateVector): number
}

const HIDDEN = [128, 128] as const
const RATE = 0.001
const [BETA1, BETA2, TINY] = [0.9, 0.999, 1e-8]

/** An agent with hidden layers (128, 128), trained by Adam (Kingma & Ba 2015). */
export function neuralAgent(
  random: RandomSource,
  { hidden = HIDDEN, rate = RATE, gamma = DEFAULT_RATES.gamma }: NeuralOptions = {},
): NeuralAgent {
  const actor = networkOf([STATE_SIZE, ...hidden, ACTION_SIZE], random)
  const critic = networkOf([STATE_SIZE, ...hidden, 1], random)
  const likely = (state: StateVector) => splitByHead(outputOf(actor, state)).map(softmax)
  const value = (state: StateVector) => outputOf(critic, state)[0] as number
  return {
    probabilities: likely,
    value,
    choose: (state, explore) => selectAction(likely(state), explore ? random : undefined),
    learn({ state, action, reward, next, done }: Experience) {
      const judged = value(state)
      const target = done ? reward : reward + gamma * value(next)
      const advantage = target - judged
      const before = likely(state)
      const slopes = before.flatMap((head, h) =>
        head.map((p, i) => (p - (i === action[h] ? 1 : 0)) * advantage),
      )
      improve(actor, state, slopes, rate)
      improve(critic, state, [2 * (judged - target)], rate)
      return {
        actor: actorLoss(before, action, advantage),
        critic: (judged - target) ** 2,
        advantage,
      }
    },
  }
}

function networkOf(sizes: readonly number[], random: RandomSource): Network {
  const layers = sizes.slice(1).map((outputs, i): Layer => {
    const inputs = sizes[i] as number
    const spread = Math.sqrt(2 / inputs)
    return {
      inputs,
      outputs,
      weights: tuned(
        Float64Array.from({ length: inputs * outputs }, () => spread * randomNormal(random)),
      ),
      bias: tuned(new Float64Array(outputs)),
    }
  })
  return { layers, steps: 0 }
}

function tuned(values: Float64Array): Tuned {
  return { values, first: new Float64Array(values.length), second: new Float64Array(values.length) }
}

/** The activations of each layer, from the input to the output. */
function forward({ layers }: Network, input: StateVector): Float64Array[] {
  const given: Float64Array[] = [Float64Array.from(input)]
  for (const [n, { inputs, outputs, weights, bias }] of layers.entries()) {
    const from = given[n] as Float64Array
    const to = Float64Array.from(bias.values)
    for (let i = 0; i < inputs; i++) {
      const x = from[i] as number
      if (x === 0) continue
      for (let o = 0; o < outputs; o++)
        to[o] = (to[o] as number) + x * (weights.values[i * outputs + o] as number)
    }
    given.push(n === layers.length - 1 ? to : to.map((x) => Math.max(0, x)))
  }
  return given
}

function outputOf(network: Network, input: StateVector): number[] {
  return [...(forward(network, input).at(-1) as Float64Array)]
}

/** One step of gradient descent, from the gradient by the outputs (backpropagation). */
function improve(
  network: Network,
  input: StateVector,
  outputSlopes: readonly number[],
  rate: number,
): void {
  const given = forward(network, input)
  network.steps++
  const pace: Pace = { rate, first: 1 - BETA1 ** network.steps, second: 1 - BETA2 ** network.steps }
  let slopes = Float64Array.from(outputSlopes)
  for (let n = network.layers.length - 1; n >= 0; n--) {
    const layer = network.layers[n] as Layer
    const from = given[n] as Float64Array
    const below = n === 0 ? undefined : slopesBelow(layer, from, slopes)
    for (let i = 0; i < layer.inputs; i++) {
      for (let o = 0; o < layer.outputs; o++)
        adam(
          layer.weights,
          i * layer.outputs + o,
          (from[i] as number) * (slopes[o] as number),
          pace,
        )
    }
    for (let o = 0; o < layer.outputs; o++) adam(layer.bias, o, slopes[o] as number, pace)
    if (below !== undefined) slopes = below
  }
}

/** The gradient by the inputs of a layer; it is 0 where ReLU is inactive. */
function slopesBelow(
  { inputs, outputs, weights }: Layer,
  from: Float64Array,
  slopes: Float64Array,
): Float64Array<ArrayBuffer> {
  const below = new Float64Array(inputs)
  for (let i = 0; i < inputs; i++) {
    if ((from[i] as number) <= 0) continue
    let sum = 0
    for (let o = 0; o < outputs; o++)
      sum += (weights.values[i * outputs + o] as number) * (slopes[o] as number)
    below[i] = sum
  }
  return below
}

/** The learning rate, and the bias corrections of Adam's moments. */
interface Pace {
  rate: number
  first: number
  second: number
}

function adam({ values, first, second }: Tuned, at: number, slope: number, pace: Pace): void {
  const mean = (first[at] = BETA1 * (first[at] as number) + (1 - BETA1) * slope)
  const square = (second[at] = BETA2 * (second[at] as number) + (1 - BETA2) * slope * slope)
  values[at] =
    (values[at] as number) -
    (pace.rate * (mean / pace.first)) / (Math.sqrt(square / pace.second) + TINY)
}
