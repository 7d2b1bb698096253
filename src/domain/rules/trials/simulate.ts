import { yielder } from '../../../base/yield.ts'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { readyForPatterns } from '../../policy/matching/pattern.ts'
import type { Learning } from '../learning/learning.ts'
import { prefilterOf } from './prefilter.ts'
import { replayQuestions } from './replay.ts'
import type { ReplayQuery } from './replay-thread.ts'
import { Tally } from './tally.ts'
import {
  readTrial,
  trialChange,
  type ReadPolicyText,
  type TrialChange,
  type TrialChangeParts,
} from './trial-change.ts'
import { TrialReplay, type TrialReplayParts } from './trial-replay.ts'
import type { PolicyTrial, SimulateOptions, Simulation } from './types.ts'

export interface SimulatorParts
  extends Omit<TrialChangeParts, 'now'>, Pick<TrialReplayParts, 'policies' | 'boundsOf'> {
  learning: Learning
  clock: Clock
  /** The file of the journal. */
  database: string
  readPolicies: ReadPolicyText
}

type GivenTrial = PolicyTrial | { kind: 'file'; path: string }

/** Replays recorded questions under a changed policy. Nothing is written or counted. */
export class Simulator implements AsyncDisposable {
  readonly #parts: SimulatorParts
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(parts: SimulatorParts) {
    this.#parts = parts
  }

  readonly simulate = async (trial: GivenTrial, options: SimulateOptions): Promise<Simulation> => {
    const work = this.#simulate(trial, options)
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }

  /** Aborts simulations that run, and waits for their end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new Fault('supervisor.stopping', 'the supervisor is stopping', {
        hint: 'Try again in a moment.',
      }),
    )
    await Promise.allSettled(this.#running)
  }

  async #simulate(given: GivenTrial, options: SimulateOptions): Promise<Simulation> {
    const { learning, database } = this.#parts
    await learning.usable()
    const startedAt = performance.now()
    const change = await this.#changeOf(given)
    const replay = new TrialReplay({ ...this.#parts, rules: learning.book }, change)
    const tally = new Tally()
    const query = queryFor(database, replay, options)
    if (query !== undefined) await this.#replay(query, { replay, tally, signal: options.signal })
    return {
      change: change.says,
      ...tally.counts(),
      leftOut: replay.leftOut,
      notes: [...change.notes, ...replay.notes()],
      took: performance.now() - startedAt,
    }
  }

  async #changeOf(given: GivenTrial): Promise<TrialChange> {
    const { clock, readPolicies } = this.#parts
    const trial = given.kind === 'file' ? await readTrial(given.path, readPolicies) : given
    if (trial.kind === 'policies' && trial.policies.some(({ pattern }) => pattern !== undefined))
      await readyForPatterns()
    return trialChange({ ...this.#parts, now: clock.now }, trial)
  }

  async #replay(
    query: ReplayQuery,
    { replay, tally, signal }: { replay: TrialReplay; tally: Tally; signal: AbortSignal },
  ): Promise<void> {
    const either = AbortSignal.any([signal, this.#closing.signal])
    const yieldIfBusy = yielder(either)
    for await (const { questions, groups, from, until } of replayQuestions(query, either)) {
      tally.addQuestions(questions, from, until)
      for (const group of groups) {
        await replay.add(group, tally)
        await yieldIfBusy()
      }
    }
  }
}

/** The recorded questions that a change may affect; undefined for none. */
function queryFor(
  database: string,
  { filteringRules }: TrialReplay,
  { agent, since }: SimulateOptions,
): ReplayQuery | undefined {
  const only = onlyAgentOf(filteringRules)
  if (agent !== undefined && only !== undefined && agent !== only) return undefined
  return { database, agent: agent ?? only, since, prefilters: filteringRules?.map(prefilterOf) }
}

/** The agent that all these rules are for. */
function onlyAgentOf(rules: TrialReplay['filteringRules']): string | undefined {
  const [first] = rules ?? []
  if (first === undefined || first.scope !== 'project' || first.scope_key === '') return undefined
  const areAllFor = rules?.every(
    ({ scope, scope_key }) => scope === 'project' && scope_key === first.scope_key,
  )
  return areAllFor === true ? first.scope_key : undefined
}
