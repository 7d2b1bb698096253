import { asFault } from '../../base/fault.ts'
import type { PodUsage } from '../../ports/pods.ts'
import type { ComposedDeck } from '../compose/deck.ts'
import type { WorldFeed } from '../feed/world.ts'
import type { Backends } from '../../ports/backends.ts'

/** How often all agents are compared, in case a notification was lost. */
const RECONCILE_MS = 10_000
/**
 * How long a start waits for agents: one whose pod is slow must not keep the operator's door shut.
 */
const MAX_START_MS = 2000
/** How often usage is read, while a console shows it. */
const USAGE_MS = 2000
/** Events of a journal that is verified at every start: that takes less than half a second. */
const MAX_VERIFIED_AT_START = 200_000

interface ReconcileLoopParts {
  composed: ComposedDeck
  backends: Backends
  world: WorldFeed
  usage: { now: Record<string, PodUsage> }
  log: (what: string) => void
}

/** Reconciles agents when backends report changes, and all of them from time to time. */
export class ReconcileLoop implements AsyncDisposable {
  readonly #parts: ReconcileLoopParts
  readonly #ended = new AbortController()
  readonly #timers: NodeJS.Timeout[] = []

  constructor(parts: ReconcileLoopParts) {
    this.#parts = parts
  }

  /** Repairs what a crash left, then follows the backends. */
  async start(): Promise<void> {
    const { composed, backends, log } = this.#parts
    for (const name of await composed.trashStrayFolders())
      log(`${name}: its folder was left by a crash and has been moved to the trash`)
    for (const backend of backends.all()) {
      if (!backends.report(backend.kind).ready) continue
      await backend
        .sweep()
        .catch((thrown: unknown) => log(`sweeping ${backend.kind}: ${asFault(thrown).message}`))
      backend.lifecycle.watch(composed.reconciler.podChanged, this.#ended.signal)
    }
    await composed.shells.reapOrphans()
    await Promise.race([this.reconcileAll(), this.#startTimeout()])
    this.#every(RECONCILE_MS, 'reconciling', async () => {
      await backends.probe()
      await this.reconcileAll()
    })
    this.#every(USAGE_MS, 'reading usage', () => this.#readUsage())
    composed.record.indexWorker.follow()
    if (composed.record.journal.head().seq <= MAX_VERIFIED_AT_START)
      this.#logFailure('verifying the journal', this.#verifyJournal())
  }

  async reconcileAll(): Promise<{ checked: number }> {
    const { composed, backends, log } = this.#parts
    const { reconciler, freezing } = composed
    await freezing.takeMarks()
    const agents = await composed.agents.list()
    const facts = await backends.pods(log)
    const differing = agents.filter(
      (agent) =>
        backends.report(agent.backend).ready &&
        !reconciler.isReconciled(agent, facts.get(agent.name)),
    )
    await Promise.all(
      differing.map(({ name }) =>
        reconciler
          .reconcile(name)
          .catch((thrown: unknown) => log(`${name}: ${asFault(thrown).message}`)),
      ),
    )
    return { checked: agents.length }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    for (const timer of this.#timers) clearInterval(timer)
  }

  #startTimeout(): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.push(setTimeout(resolve, MAX_START_MS))
    })
  }

  #every(ms: number, what: string, work: () => Promise<unknown>): void {
    const timer = setInterval(() => this.#logFailure(what, work()), ms)
    timer.unref()
    this.#timers.push(timer)
  }

  #logFailure(what: string, work: Promise<unknown>): void {
    work.catch((thrown: unknown) => this.#parts.log(`${what}: ${asFault(thrown).message}`))
  }

  async #readUsage(): Promise<void> {
    const { composed, world, usage } = this.#parts
    if (world.followers() === 0) return
    usage.now = await composed.agents.stats()
    world.pulse({
      usage: usage.now,
      deck: {
        verified: composed.record.audit.lastVerified,
        events: composed.record.journal.head().seq,
        budget: composed.rules.budget.summary(),
      },
    })
  }

  /** After the rules were read: agents may wait for those. */
  async #verifyJournal(): Promise<void> {
    const { composed, world, log } = this.#parts
    await composed.learning.ready
    if (this.#ended.signal.aborted) return
    const { ok, problems } = await composed.record.audit.verify({})
    if (!ok) log(`the journal is broken: ${problems[0]?.where ?? ''} ${problems[0]?.what ?? ''}`)
    world.pulse({ deck: { verified: ok } })
  }
}
