import { yielder } from '../../../base/yield.ts'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { literal } from '../../../base/glob.ts'
import type { CompiledPolicies } from '../../policy/compiled.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import type { Action, Decision, Verdict } from '../../policy/types.ts'
import { readyForPatterns } from '../../policy/pattern.ts'
import { judgeLearned } from '../judge.ts'
import { overlaid, type Overlay } from './overlay-book.ts'
import { answerUnder, answerWith, gist, type Asking, type Law } from './effective-policy.ts'
import { needleOf } from './prefilter.ts'
import type { Alike, Past } from './replay-thread.ts'
import { readPast } from './replay.ts'
import { changeOf, trialOf, type Change, type ChangeParts, type PoliciesOf } from './trial.ts'
import { Tally } from './tally.ts'
import type { Rulings } from '../rule-book.ts'
import type { Learning } from '../service.ts'
import { engineFor, taskOf } from '../task.ts'
import type { Lease } from '../../leases/types.ts'
import type { PolicyTrial, Recorded, Simulation } from './types.ts'
import type { EffectiveBounds } from '../../agents/types.ts'

export interface SimulateParts extends Omit<ChangeParts, 'now'> {
  learning: Learning
  clock: Clock
  /** Where the journal is. */
  database: string
  policies: () => CompiledPolicies
  policiesOf: PoliciesOf
  /** What binds an agent; undefined if nobody knows any more. */
  standing: (agent: string) => Promise<EffectiveBounds | undefined>
}

export interface SimulateOptions {
  agent?: string | undefined
  since?: number | undefined
  signal: AbortSignal
}

/** Answers kept for questions that come again: this bounds the memory. */
const REMEMBERED = 4096

/** The recorded past under a changed policy. Nothing is written, and nothing is marked. */
export function simulator(parts: SimulateParts) {
  const { learning, clock } = parts
  const ended = new AbortController()
  const running = new Set<Promise<unknown>>()

  async function simulate(
    given: PolicyTrial | { kind: 'file'; path: string },
    { agent, since, signal }: SimulateOptions,
  ): Promise<Simulation> {
    await learning.usable()
    const began = performance.now()
    if (given.kind === 'policies' && given.policies.some(({ pattern }) => pattern !== undefined))
      await readyForPatterns()
    const change = changeOf(
      { ...parts, now: clock.now },
      given.kind === 'file' ? await trialOf(given.path, parts.policiesOf) : given,
    )
    const either = AbortSignal.any([signal, ended.signal])
    const trial = new Trial(parts, change)
    const breathe = yielder(either)
    const tally = new Tally()
    const past = wanted(parts.database, trial, { agent, since })
    if (past !== undefined) {
      for await (const { questions, alike, from, until } of readPast(past, either)) {
        tally.looked(questions, from, until)
        for (const some of alike) {
          await trial.take(some, tally)
          await breathe()
        }
      }
    }
    return {
      change: change.says,
      ...tally.counted(),
      leftOut: trial.leftOut,
      notes: [...change.notes, ...trial.notes()],
      took: performance.now() - began,
    }
  }

  return {
    async simulate(
      trial: PolicyTrial | { kind: 'file'; path: string },
      options: SimulateOptions,
    ): Promise<Simulation> {
      const work = simulate(trial, options)
      running.add(work)
      try {
        return await work
      } finally {
        running.delete(work)
      }
    },
    /** Ends what is being replayed. */
    async close(): Promise<void> {
      ended.abort(
        new Fault('supervisor.stopping', 'the supervisor is stopping', {
          hint: 'Try again in a moment.',
        }),
      )
      await Promise.allSettled(running)
    },
  }
}

/** So many rules are sorted out by their text; more are looked up. */
const FEW = 16

/** The part of the past that a change could touch; undefined for none. */
function wanted(
  database: string,
  trial: Trial,
  { agent, since }: Omit<SimulateOptions, 'signal'>,
): Past | undefined {
  const rules = trial.sieve
  const bound =
    rules?.every(
      ({ scope, scope_key }) =>
        scope === 'project' && scope_key !== '' && scope_key === rules[0]?.scope_key,
    ) === true
      ? rules[0]?.scope_key
      : undefined
  if (agent !== undefined && bound !== undefined && agent !== bound) return undefined
  return { database, agent: agent ?? bound, since, needles: rules?.map(needleOf) }
}

interface Told {
  would: Decision
  reason: string
}

interface Turned extends Told {
  type: string
  target: string
}

/** One change, held against one kind of question after the other. */
class Trial {
  leftOut = 0
  /** The changed rules, if they are few enough to sort out beforehand most of what they do not speak of. */
  readonly sieve: readonly Rule[] | undefined
  readonly #parts: SimulateParts
  readonly #change: Change
  readonly #overlay: Overlay
  readonly #now: number
  readonly #policies: { is: CompiledPolicies; would: CompiledPolicies }
  readonly #standings = new Map<string, EffectiveBounds | undefined>()
  /** By who asked and what was answered, then by the action's text. */
  readonly #known = new Map<string, Map<string, Turned | undefined>>()
  #remembered = 0

  constructor(parts: SimulateParts, change: Change) {
    this.#parts = parts
    this.#change = change
    this.#now = parts.clock.now()
    this.#overlay = overlaid(parts.learning.book, change.rules)
    const { rules } = this.#overlay
    this.sieve = change.policies === undefined && rules.length <= FEW ? rules : undefined
    this.#policies = { is: parts.policies(), would: change.policies ?? parts.policies() }
  }

  async take(alike: Alike, tally: Tally): Promise<void> {
    const { was, score, seq, at, agent, times } = alike
    if (was === 'fixed') return
    const standing = await this.#standing(agent)
    if (standing === undefined) {
      this.leftOut += times
      return
    }
    const turned = this.#turned(alike, was, standing)
    if (turned !== undefined) tally.add({ seq, at, agent, risk: score, was, times, ...turned })
  }

  notes(): string[] {
    const gone = [...this.#standings]
      .filter(([, standing]) => standing?.gone === true)
      .map(([agent]) => agent)
    return gone.length === 0
      ? []
      : [
          `${gone.slice(0, 10).join(', ')}${gone.length > 10 ? ' and others' : ''}: gone, and so judged by the template as it is now`,
        ]
  }

  async #standing(agent: string): Promise<EffectiveBounds | undefined> {
    if (!this.#standings.has(agent)) this.#standings.set(agent, await this.#parts.standing(agent))
    return this.#standings.get(agent)
  }

  #turned(
    { agent, score, action: text }: Alike,
    was: Recorded,
    { template, bounds }: EffectiveBounds,
  ): Turned | undefined {
    const kind = `${agent} ${was} ${score}`
    const known = this.#known.get(kind) ?? new Map<string, Turned | undefined>()
    if (known.has(text)) return known.get(text)
    const action = JSON.parse(text) as Action
    const told = this.#judged(
      { doer: { name: agent, template }, action, risk: { score, factors: [] } },
      bounds,
      was,
    )
    const turned =
      told === undefined ? undefined : { ...told, type: action.type, target: action.target }
    if (++this.#remembered > REMEMBERED) {
      this.#known.clear()
      known.clear()
      this.#remembered = 1
    }
    this.#known.set(kind, known.set(text, turned))
    return turned
  }

  /** Only what the change itself turns counts: not what would be answered otherwise today anyway. */
  #judged(asking: Asking, bounds: Law['bounds'], was: Recorded): Told | undefined {
    const leases = leasesFor(asking, was, this.#now)
    if (this.#change.policies === undefined)
      return this.sieve !== undefined || this.#touches(asking)
        ? this.#learnedOtherwise(asking, { bounds, policies: this.#policies.is, leases }, was)
        : undefined
    const {
      learning: { book },
      clock,
    } = this.#parts
    const after = answerUnder(
      { bounds, policies: this.#policies.would, leases, book: this.#overlay.book },
      asking,
      this.#now,
      clock,
    )
    if (gist(after.decision) === recorded(was)) return undefined
    const before = answerUnder(
      { bounds, policies: this.#policies.is, leases, book },
      asking,
      this.#now,
      clock,
    )
    return gist(before.decision) === gist(after.decision) ? undefined : turnedTo(after)
  }

  /** The same where nothing but rules change, which are asked last: all else is looked at once. */
  #learnedOtherwise(asking: Asking, law: Omit<Law, 'book'>, was: Recorded): Told | undefined {
    const {
      learning: { book },
      clock,
    } = this.#parts
    const learned = (from: Rulings) => judgeLearned(from, { ...asking, now: this.#now, clock })
    let reached = false
    const after = answerWith(law, asking, this.#now, () => {
      reached = true
      return learned(this.#overlay.book)
    })
    if (!reached || gist(after.decision) === recorded(was)) return undefined
    const before = learned(book).says === 'allow' ? 'allow' : 'ask'
    return before === gist(after.decision) ? undefined : turnedTo(after)
  }

  #touches({ doer, action }: Asking): boolean {
    const context = engineFor(doer, this.#parts.clock).contextOf(taskOf(action, doer))
    return this.#overlay.touches(context, this.#now)
  }
}

function turnedTo({ decision, reasons }: Verdict): Told {
  return { would: decision, reason: reasons[0]?.text ?? '' }
}

/** What was answered when it was asked, whatever a person said later. */
function recorded(was: Recorded): 'allow' | 'ask' | 'block' {
  if (was === 'blocked') return 'block'
  return was === 'allowed' || was === 'allowed by a lease' ? 'allow' : 'ask'
}

/** The lease that answered then: it stands for itself, and for nothing else. */
function leasesFor({ doer, action }: Asking, was: Recorded, now: number): Lease[] {
  if (was !== 'allowed by a lease') return []
  return [
    {
      id: 'recorded',
      agent: doer.name,
      type: action.type,
      target: literal(action.target),
      maxRisk: 100,
      uses: 1,
      usesLeft: 1,
      grantedAt: now,
      expiresAt: now + 1000,
      grantedBy: 'operator',
      state: 'active',
    },
  ]
}
