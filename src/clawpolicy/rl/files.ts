import { Fault } from '../../base/fault.ts'
import {
  JsonError,
  jsonObject,
  readJson,
  writeJson,
  type Json,
  type JsonObject,
} from '../files/json.ts'
import { Float } from '../text.ts'
import { ACTION_SIZE, HEAD_SIZES } from './action.ts'
import { splitByHead, type ActorCritic, type PolicyNetwork } from './actor-critic.ts'
import {
  REWARD_SIGNALS,
  freshRewardModel,
  type RewardModel,
  type RewardModelOptions,
  type RewardSignal,
} from './reward.ts'
import { STATE_SIZE } from './state.ts'

/** The files of a trained model, by name. */
const MODEL_FILES = ['policy_network.json', 'value_network.json', 'metadata.json'] as const
export type ModelTexts = Record<(typeof MODEL_FILES)[number], string>

export interface ModelCounts {
  episodes: number
  steps: number
}

export function writeModel(
  { policy, value, rates }: ActorCritic,
  { episodes, steps }: ModelCounts,
): ModelTexts {
  return {
    'policy_network.json': writeJson(
      jsonObject({
        weights: byHead((head) => policy.weights.map((row) => floats(partOf(row, head)))),
        bias: byHead((head) => floats(partOf(policy.bias, head))),
        state_dim: STATE_SIZE,
        action_dim: ACTION_SIZE,
        head_dims: byHead((head) => HEAD_SIZES[head] as number),
      }),
    ),
    'value_network.json': writeJson(
      jsonObject({
        weights: floats(value.weights),
        bias: new Float(value.bias),
        state_dim: STATE_SIZE,
      }),
    ),
    'metadata.json': writeJson(
      jsonObject({
        episode_count: episodes,
        total_steps: steps,
        gamma: new Float(rates.gamma),
        actor_lr: new Float(rates.actor),
        critic_lr: new Float(rates.critic),
      }),
      { indent: 2 },
    ),
  }
}

/** Reads a trained model. Throws Fault `input.invalid` where a text has another shape. */
export function readModel(texts: ModelTexts): { networks: ActorCritic; counts: ModelCounts } {
  const policy = new Reading('policy_network.json', texts['policy_network.json'])
  const value = new Reading('value_network.json', texts['value_network.json'])
  const facts = new Reading('metadata.json', texts['metadata.json'])
  return {
    networks: {
      policy: policyOf(policy),
      value: { weights: value.numbers('weights', STATE_SIZE), bias: value.number('bias') },
      rates: {
        gamma: facts.number('gamma'),
        actor: facts.number('actor_lr'),
        critic: facts.number('critic_lr'),
      },
    },
    counts: { episodes: facts.number('episode_count'), steps: facts.number('total_steps') },
  }
}

/** The names of the choices in the files, in order. */
const HEAD_NAMES = ['agent', 'automation', 'style', 'confirm'] as const

function byHead(of: (head: number) => Json): JsonObject {
  return new Map(HEAD_NAMES.map((name, head) => [name, of(head)]))
}

/** The part of a row of 11 numbers that belongs to a choice. */
function partOf(row: readonly number[], head: number): readonly number[] {
  return splitByHead(row)[head] as number[]
}

/** Reads weights and bias by choice, or in the flat layout of earlier versions of this library. */
function policyOf(policy: Reading): PolicyNetwork {
  if (!(policy.at('weights') instanceof Map))
    return {
      weights: policy.rows('weights', STATE_SIZE, ACTION_SIZE),
      bias: policy.numbers('bias', ACTION_SIZE),
    }
  const [weights, bias] = [policy.object('weights'), policy.object('bias')]
  const parts = HEAD_NAMES.map((name, head) =>
    weights.rows(name, STATE_SIZE, HEAD_SIZES[head] as number),
  )
  return {
    weights: Array.from({ length: STATE_SIZE }, (_, i) => parts.flatMap((rows) => rows[i] ?? [])),
    bias: HEAD_NAMES.flatMap((name, head) => bias.numbers(name, HEAD_SIZES[head] as number)),
  }
}

export function writeRewardModel({
  phase,
  taskCount,
  negativeFeedbackCount,
  rewards,
  signals,
}: RewardModel): string {
  return writeJson(
    jsonObject({
      learning_phase: phase,
      task_count: taskCount,
      negative_feedback_count: negativeFeedbackCount,
      reward_history: floats(rewards),
      signals: jsonObject(
        Object.fromEntries(
          REWARD_SIGNALS.map((signal) => [
            signal,
            jsonObject({
              weight: new Float(signals[signal].weight),
              history: floats(signals[signal].history),
            }),
          ]),
        ),
      ),
    }),
    { indent: 2 },
  )
}

/**
 * Reads the state of a reward model. A missing signal is as in a fresh one. Throws Fault
 * `input.invalid` where the text has another shape.
 */
export function readRewardModel(text: string, options: RewardModelOptions = {}): RewardModel {
  const read = new Reading('reward state', text)
  const phase = read.at('learning_phase') === 'mature' ? 'mature' : 'early'
  const { signals: fresh, historyLimit } = freshRewardModel(phase, options)
  const signals = read.at('signals')
  const one = (signal: RewardSignal) => {
    const found = signals instanceof Map ? signals.get(signal) : undefined
    if (!(found instanceof Map)) return fresh[signal]
    const inner = new Reading(`reward state: ${signal}`, found)
    return { weight: inner.number('weight'), history: inner.numbers('history') }
  }
  return {
    phase,
    taskCount: read.number('task_count'),
    negativeFeedbackCount: read.number('negative_feedback_count'),
    rewards: read.numbers('reward_history'),
    historyLimit,
    signals: Object.fromEntries(
      REWARD_SIGNALS.map((signal) => [signal, one(signal)]),
    ) as RewardModel['signals'],
  }
}

function floats(values: readonly number[]): Float[] {
  return values.map((value) => new Float(value))
}

/** A JSON object whose fields are checked as they are read. */
class Reading {
  private readonly place: string
  private readonly fields: JsonObject

  constructor(place: string, from: string | JsonObject) {
    this.place = place
    const read = typeof from === 'string' ? this.parsed(from) : from
    if (!(read instanceof Map)) throw this.invalid('it holds no object')
    this.fields = read
  }

  at(name: string): Json | undefined {
    return this.fields.get(name)
  }

  object(name: string): Reading {
    const value = this.fields.get(name)
    if (!(value instanceof Map)) throw this.invalid(`${name} should be an object`)
    return new Reading(`${this.place}: ${name}`, value)
  }

  number(name: string): number {
    return this.finite(this.fields.get(name), name)
  }

  numbers(name: string, size?: number): number[] {
    return this.list(this.fields.get(name), name, size)
  }

  rows(name: string, count: number, size: number): number[][] {
    const rows = this.fields.get(name)
    if (!Array.isArray(rows) || rows.length !== count)
      throw this.invalid(`${name} should have ${count} rows`)
    return rows.map((row, i) => this.list(row, `${name}[${i}]`, size))
  }

  private list(value: Json | undefined, name: string, size?: number): number[] {
    if (!Array.isArray(value) || (size !== undefined && value.length !== size))
      throw this.invalid(`${name} should be a list of ${size ?? 'any number of'} numbers`)
    return value.map((item, i) => this.finite(item, `${name}[${i}]`))
  }

  private finite(value: Json | undefined, name: string): number {
    const number = value instanceof Float ? value.value : value
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw this.invalid(`${name} should be a number`)
    return number
  }

  private parsed(text: string): Json {
    try {
      return readJson(text)
    } catch (thrown) {
      if (thrown instanceof JsonError)
        throw this.invalid(`${thrown.message}, at character ${thrown.at}`)
      throw thrown
    }
  }

  private invalid(why: string): Fault {
    return new Fault('input.invalid', `${this.place}: ${why}`, {
      hint: 'Train the model again, or restore its files.',
    })
  }
}
