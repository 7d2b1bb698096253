import { asFault } from '../../base/fault.ts'
import type { PodUsage } from '../../ports/pods.ts'
import type { ComposedDeck } from '../compose/deck.ts'
import type { WorldFeed } from '../feed/world.ts'
import type { Backends } from '../../ports/backends.ts'

/** Everything is looked at so often, in case a push was lost. */
const RECONCILE_MS = 10_000
/** The operator's door opens after so long at the latest, also while a pod that a crash left half way takes its time. */
const SETTLING_MS = 2000
/** Usage is read so often, and only while a console looks. */
const USAGE_MS = 2000
/** A journal up to this long is proven at each start: it takes less than half a second, in slices. */
const PROVE_AT_START = 200_000

/** Holds the deck against reality: hears what backends push, and looks at everything now and then. */
export function reconcileLoop(parts: {
  composed: ComposedDeck
  backends: Backends
  world: WorldFeed
  usage: { now: Record<string, PodUsage> }
  log: (what: string) => void
}) {
  const { composed, backends, world, log } = parts
  const ended = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const quietly = (what: string, work: () => Promise<unknown>) => {
    work().catch((thrown: unknown) => log(`${what}: ${asFault(thrown).message}`))
  }

  async function reconcile(): Promise<{ checked: number }> {
    const agents = await composed.agents.list()
    const facts = await backends.pods(log)
    const unsure = agents.filter(
      (agent) =>
        backends.report(agent.backend).ready &&
        !composed.keep.inOrder(agent, facts.get(agent.name)),
    )
    await Promise.all(
      unsure.map((agent) =>
        composed.keep
          .settle(agent.name)
          .catch((thrown: unknown) => log(`${agent.name}: ${asFault(thrown).message}`)),
      ),
    )
    return { checked: agents.length }
  }

  async function readUsage(): Promise<void> {
    if (world.followers() === 0) return
    parts.usage.now = await composed.look.stats()
    world.pulse({
      usage: parts.usage.now,
      deck: {
        verified: composed.record.audit.lastVerified,
        events: composed.record.journal.head().seq,
        budget: composed.rules.budget.facts(),
      },
    })
  }

  function every(ms: number, what: string, work: () => Promise<unknown>): void {
    const timer = setInterval(() => quietly(what, work), ms)
    timer.unref()
    timers.push(timer)
  }

  /** After the rules were: somebody may wait for those. */
  async function proveJournal(): Promise<void> {
    await composed.learning.ready
    if (ended.signal.aborted) return
    const { ok, problems } = await composed.record.audit.verify({})
    if (!ok)
      log(`the journal does not hold: ${problems[0]?.where ?? ''} ${problems[0]?.what ?? ''}`)
    world.pulse({ deck: { verified: ok } })
  }

  return {
    reconcile,
    /** Heals what a crash left behind, then listens. */
    async start(): Promise<void> {
      for (const name of await composed.agents.putStraysAway())
        log(`${name}: its folder was left by a crash, and is in the trash now`)
      for (const backend of backends.all()) {
        if (!backends.report(backend.kind).ready) continue
        await backend
          .sweep()
          .catch((thrown: unknown) => log(`sweeping ${backend.kind}: ${asFault(thrown).message}`))
        backend.lifecycle.watch((agent) => composed.keep.notice(agent), ended.signal)
      }
      await composed.shells.reapOrphans()
      await Promise.race([
        reconcile(),
        new Promise((go) => {
          timers.push(setTimeout(go, SETTLING_MS))
        }),
      ])
      every(RECONCILE_MS, 'reconciling', async () => {
        await backends.probe()
        await reconcile()
      })
      every(USAGE_MS, 'reading usage', readUsage)
      composed.record.indexWorker.follow()
      if (composed.record.journal.head().seq <= PROVE_AT_START)
        quietly('proving the journal', proveJournal)
    },
    close(): void {
      ended.abort()
      for (const timer of timers) clearInterval(timer)
    },
  }
}
