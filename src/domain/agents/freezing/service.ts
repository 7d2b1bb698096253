import { asFault, Fault } from '../../../base/fault.ts'
import type { DeckEvent, Draft } from '../../../journal/types.ts'
import type { PodFacts } from '../../../ports/pods.ts'
import { fleetCan } from '../rules.ts'
import type { Agent } from '../types.ts'
import { absenceReason, frozenFor, frozenText } from './rules.ts'
import { agentFreezeDrafts, fleetFreezeDrafts } from './drafts.ts'
import type { FreezingParts } from './parts.ts'
import { podsHeld } from './pods-held.ts'
import { freezeReport, requireHeld, stillFrozen } from './report.ts'
import { FLEET, type Freeze, type FreezeReport, type FreezeService } from './types.ts'

/** What follows what is frozen: `agent` is its name, or `FLEET` for all at once. */
export type FreezeListener = (change: { agent: string; frozen: boolean }) => void

/**
 * Freezes and thaws agents. That one is frozen is written down first, which also stops its answers
 * and the time of its questions; then its pod is paused. Should nothing be written down, pods are
 * paused nevertheless.
 */
export class Freezing implements FreezeService, AsyncDisposable {
  readonly #parts: FreezingParts
  readonly #listeners = new Set<FreezeListener>()
  readonly #unfollow: () => void
  #thawed = Promise.withResolvers<void>()

  constructor(parts: FreezingParts) {
    this.#parts = parts
    this.#unfollow = parts.journal.follow(({ events }) => this.#hear(events))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#thawed.reject(new Fault('supervisor.stopping', 'the supervisor is stopping'))
    this.#thawed.promise.catch(() => undefined)
  }

  /**
   * Calls as soon as something is frozen or thawed, before its pod is paused or goes on: for
   * whatever has to stop with it. The returned function ends it.
   */
  onChange(listener: FreezeListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Why nothing that somebody asks is decided now; undefined while it is. */
  reasonFor(agent: string): string | undefined {
    const { rows } = this.#parts.journal
    const frozen = frozenFor(rows, agent)
    return frozen === undefined ? absenceReason(rows) : `this agent is ${frozenText(frozen)}`
  }

  /**
   * Whether what an agent asks waits until it is thawed: its pod is paused, and what it had just
   * asked is decided then. Whoever else is frozen is refused: it goes on without an answer.
   */
  isHeld(agent: string): boolean {
    const row = this.#parts.journal.rows.get<Agent>('agent', agent)
    return row?.frozen !== undefined && row.isolation !== 'elsewhere'
  }

  /** Resolves when what an agent asks does not wait any more. */
  async whileHeld(agent: string): Promise<void> {
    while (this.isHeld(agent)) await this.#thawed.promise
  }

  async freeze(name: string, why: string, actor: string): Promise<FreezeReport> {
    this.#requireKnown(name)
    return this.#frozen([name], (since) =>
      agentFreezeDrafts(this.#parts, name, { why, actor, since }),
    )
  }

  async freezeAll(why: string, actor: string): Promise<FreezeReport> {
    const names = this.#parts.reader.list().map(({ name }) => name)
    return this.#frozen(names, (since) => fleetFreezeDrafts(this.#parts, { why, actor, since }))
  }

  async thaw(name: string, actor: string): Promise<FreezeReport> {
    this.#requireKnown(name)
    const { journal, clock, questions } = this.#parts
    // What was frozen earlier is not to be found later, and frozen again.
    await this.takeMarks()
    await journal.append(() => {
      const frozen = frozenFor(journal.rows, name)
      if (frozen === undefined) throw new Fault('not.possible', `${name} is not frozen`)
      const frozenMs = Math.max(0, clock.now() - frozen.at)
      return [
        { type: 'agent.thawed', actor, subject: name, body: { frozenMs } },
        ...questions.release((agent) => agent === name, clock.now()),
      ]
    })
    return this.#resumed([name])
  }

  async thawAll(actor: string): Promise<FreezeReport> {
    const { journal, clock, questions, reader } = this.#parts
    let names: string[] = []
    await this.takeMarks()
    await journal.append(() => {
      const fleet = journal.rows.get<Freeze>('freeze', FLEET)
      const reason = fleetCan.thaw(fleet)
      if (fleet === undefined || reason !== undefined)
        throw new Fault('not.possible', reason ?? 'the fleet is not frozen')
      const now = clock.now()
      names = this.thawable()
      const thawed = names.map((subject): Draft => {
        const at = frozenFor(journal.rows, subject)?.at ?? now
        return { type: 'agent.thawed', actor, subject, body: { frozenMs: Math.max(0, now - at) } }
      })
      const frozenMs = Math.max(0, now - fleet.at)
      return [
        ...thawed,
        { type: 'fleet.thawed', actor, subject: '', body: { frozenMs } },
        ...questions.release((agent) => !this.#isOwn(agent), now),
      ]
    })
    const report = await this.#resumed(names)
    return { ...report, stillFrozen: stillFrozen(reader.list()) }
  }

  thawable(): string[] {
    return this.#parts.reader
      .list()
      .filter(({ frozen }) => frozen?.withFleet === true)
      .map(({ name }) => name)
  }

  /** Writes down what was frozen without this supervisor. To be called before anything else. */
  async takeMarks(): Promise<void> {
    const { journal, clock, log, marks } = this.#parts
    const found = await marks.read()
    if (found.length === 0) return
    for (const { agent, at, by: actor, why } of found) {
      const terms = { why, actor, since: Math.min(at, clock.now()) }
      if (agent === null) await journal.append(() => fleetFreezeDrafts(this.#parts, terms))
      else if (this.#isKnown(agent))
        await journal.append(() => agentFreezeDrafts(this.#parts, agent, terms))
      log(`${agent ?? 'the fleet'} was frozen while no supervisor answered, by ${actor}`)
    }
    await marks.remove()
  }

  /**
   * Brings a running pod in line with whether its agent is frozen. A pod that somebody else has
   * paused freezes its agent; one that somebody else let go on is paused again.
   */
  async settle(name: string): Promise<void> {
    const { journal, backendOf, log } = this.#parts
    const before = journal.rows.get<Agent>('agent', name)
    if (before?.phase !== 'up') return
    const facts = await backendOf(before).lifecycle.inspect(name)
    const agent = journal.rows.get<Agent>('agent', name)
    if (agent === undefined || facts?.state !== 'running') return
    if (agent.frozen !== undefined) await this.#holdAgain(agent, facts)
    else if (agent.thawing === true) await this.#resumed([name])
    // It was neither frozen nor about to go on, before and after its pod was looked at.
    else if (facts.paused && isFree(before)) {
      log(`${name}: its pod was paused outside of the deck, so it is frozen`)
      await this.freeze(name, 'its pod was paused outside of the deck', 'supervisor')
    }
  }

  async #holdAgain({ name, frozen }: Agent, { paused }: PodFacts): Promise<void> {
    if (!paused || frozen?.held !== true) await this.#pause([name])
  }

  #requireKnown(name: string): void {
    if (!this.#isKnown(name)) this.#parts.reader.get(name)
  }

  #isKnown(name: string): boolean {
    const { isKnown, journal } = this.#parts
    return isKnown(name) || journal.rows.get('agent', name) !== undefined
  }

  /** Whether somebody is frozen by itself, and not with the fleet. */
  #isOwn(name: string): boolean {
    return this.#parts.journal.rows.get<Freeze>('freeze', name)?.withFleet === false
  }

  /** Writes down that agents are frozen, and pauses their pods whether or not that succeeds. */
  async #frozen(
    names: readonly string[],
    drafts: (since: number) => Draft[],
  ): Promise<FreezeReport> {
    const { journal, clock } = this.#parts
    const began = clock.now()
    const written = await journal
      .append(() => drafts(began))
      .then(
        () => undefined,
        (thrown: unknown) => asFault(thrown),
      )
    const report = await this.#pause(names)
    if (written !== undefined)
      throw new Fault(written.code, `${names.length} pods were paused, but ${written.message}`, {
        cause: written,
        hint: 'Freeze again once the journal can be written. Meanwhile nothing they ask is answered.',
      })
    return requireHeld('paused', report)
  }

  /** Pauses those pods, and again what was frozen anew meanwhile. */
  async #pause(names: readonly string[]): Promise<FreezeReport> {
    const { ms, failed } = await podsHeld(this.#parts, 'pause', names)
    await this.#write(
      names.flatMap((subject): Draft[] => {
        const why = failed.get(subject)?.message
        const now = this.#parts.journal.rows.get<Agent>('agent', subject)?.frozen
        if (now === undefined || (now.held && why === undefined)) return []
        return why === undefined
          ? [{ type: 'agent.paused', actor: 'supervisor', subject, body: { ms } }]
          : [{ type: 'agent.pause_failed', actor: 'supervisor', subject, body: { why } }]
      }),
    )
    return freezeReport(names, ms, failed)
  }

  async #resumed(names: readonly string[]): Promise<FreezeReport> {
    const { journal } = this.#parts
    const rowOf = (name: string) => journal.rows.get<Agent>('agent', name)
    const { ms, failed } = await podsHeld(this.#parts, 'resume', names)
    await this.#write(
      names.flatMap((subject): Draft[] => {
        if (rowOf(subject)?.thawing === undefined) return []
        const why = failed.get(subject)?.message
        return why === undefined
          ? [{ type: 'agent.resumed', actor: 'supervisor', subject, body: { ms } }]
          : [{ type: 'agent.resume_failed', actor: 'supervisor', subject, body: { why } }]
      }),
    )
    const again = names.filter((name) => rowOf(name)?.frozen !== undefined)
    if (again.length > 0) await this.#pause(again)
    return requireHeld('resumed', freezeReport(names, ms, failed))
  }

  /** What came of it is only told: that it was meant is written down before. */
  async #write(drafts: readonly Draft[]): Promise<void> {
    if (drafts.length === 0) return
    await this.#parts.journal
      .append(() => [...drafts])
      .catch((thrown: unknown) => this.#parts.log(asFault(thrown).message))
  }

  #hear(events: readonly DeckEvent[]): void {
    let isThawed = false
    for (const { type, subject } of events) {
      const agent = subject === '' ? FLEET : subject
      if (type === 'agent.frozen' || type === 'fleet.frozen') this.#tell(agent, true)
      if (type === 'agent.thawed' || type === 'fleet.thawed') this.#tell(agent, false)
      isThawed ||= type === 'agent.thawed' || type === 'agent.deleted'
    }
    if (!isThawed) return
    const { resolve } = this.#thawed
    this.#thawed = Promise.withResolvers()
    resolve()
  }

  #tell(agent: string, frozen: boolean): void {
    for (const listener of this.#listeners) listener({ agent, frozen })
  }
}

function isFree({ frozen, thawing }: Agent): boolean {
  return frozen === undefined && thawing === undefined
}
