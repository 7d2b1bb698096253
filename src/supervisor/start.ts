import type { Server } from 'node:http'
import { systemClock, type Clock } from '../base/clock.ts'
import { asFault, Fault } from '../base/fault.ts'
import { openHostKey } from '../config/host-key.ts'
import type { HostKey } from '../base/signing.ts'
import type { Home } from '../config/home.ts'
import { readSettings } from '../config/settings.ts'
import type { Deck } from '../commands/deck.ts'
import { operatorDoor } from '../doors/operator/door.ts'
import type { PodUsage } from '../ports/pods.ts'
import { whenAlone } from './demo/alone.ts'
import { composeDeck, type ComposedDeck } from './compose/deck.ts'
import { executor, type Execute } from './execute.ts'
import { selfKnowledge } from './facts.ts'
import { openGround, type SupervisorGround } from './platform.ts'
import { holdLock } from './lock.ts'
import { reconcileLoop } from './reconcile/loop.ts'
import { closeServer, listen, makeFolders } from './serve.ts'
import { openFeed } from './feed/feed.ts'

/** `ground` and `clock` are for tests: everything else is what runs. */
export interface SupervisorOptions {
  home: Home
  env: NodeJS.ProcessEnv
  version: string
  demo: boolean
  log: (what: string) => void
  ground?: SupervisorGround
  clock?: Clock
}

export interface RunningSupervisor {
  deck: Deck
  composed: ComposedDeck
  /** Ends everything in order; pods go on. Resolves when the deck home is free. */
  stop(reason: string): Promise<void>
  /** Called when an operator asked it to stop and it has. */
  onStopped(act: () => void): void
}

/** Takes the deck home, heals what a crash left, and serves. Faults: `supervisor.taken`, `journal.*`, `config.invalid`. */
export async function startSupervisor(options: SupervisorOptions): Promise<RunningSupervisor> {
  const { home, log } = options
  makeFolders(home)
  // What was made before something failed is ended again.
  await using parts = new AsyncDisposableStack()
  const lock = holdLock(home.lock)
  parts.defer(() => lock.release())
  const key = await openHostKey(home.secrets)
  const settings = await readSettings(home.config)
  const ground = options.ground ?? (await openGround({ ...options, settings }))
  parts.use(ground.backends)
  const served = Promise.withResolvers<void>()
  const ending = endings(log)
  const door: OperatorSide = { execute: notYet }
  // Those who speak with it hear until the end why nothing is done any more.
  parts.defer(() => (door.server === undefined ? undefined : closeServer(door.server)))
  const composed = await composeDeck(
    {
      home,
      settings,
      key,
      backends: ground.backends,
      log,
      clock: options.clock ?? systemClock,
      parts,
    },
    { ending, execute: (...call) => door.execute(...call), served: served.promise },
  )
  const deck = await serve(options, { ground, composed, key, door, ending, parts })
  served.resolve()
  ending.of(parts.move())
  return { deck, composed, stop: ending.stop, onStopped: ending.onStopped }
}

function notYet(): never {
  throw new Fault('supervisor.unavailable', 'the supervisor is still starting', {
    hint: 'Try again in a moment.',
  })
}

/** How acts are done, and where operators ask for them: known once the whole deck is there. */
interface OperatorSide {
  execute: Execute
  server?: Server
}

interface Serving {
  ground: SupervisorGround
  composed: ComposedDeck
  key: HostKey
  door: OperatorSide
  ending: ReturnType<typeof endings>
  parts: AsyncDisposableStack
}

/** Serves a composed deck. */
async function serve(
  options: SupervisorOptions,
  { ground, composed, key, door, ending, parts }: Serving,
): Promise<Deck> {
  const { home, version, demo, log } = options
  const { journal } = composed.record
  const self = selfKnowledge({ ...options, key, backends: ground.backends, composed })
  const usage: { now: Record<string, PodUsage> } = { now: {} }
  const world = openFeed({ composed, facts: self.facts, usage: () => usage.now })
  const real = reconcileLoop({ composed, backends: ground.backends, world, usage, log })
  const deck: Deck = {
    ...composed.nouns,
    supervisor: { status: self.status, reconcile: real.reconcile, stop: ending.asked },
    watch: world,
  }
  door.execute = executor({ deck, journal })
  door.server = operatorDoor({ execute: door.execute, log })
  parts.defer(() => ground.endDemo())
  parts.defer(() => real.close())
  parts.defer(() => world.close(ending.reason))

  await journal.append(() => [
    {
      type: 'supervisor.started',
      actor: 'supervisor',
      subject: '',
      body: { version, pid: process.pid, backend: self.facts().backend.title },
    },
  ])
  await real.start()
  await listen(door.server, home.socket)
  if (demo) {
    await ground.startDemo(deck)
    parts.defer(
      whenAlone(world.followers, () => ending.stopAndTell('nobody looks at the demo any more')),
    )
  }
  log(`clawdeck ${version} keeps ${home.root} on ${self.facts().backend.title}`)
  return deck
}

/** How a supervisor ends: once, in order, each part whatever became of the one before. */
function endings(log: (what: string) => void) {
  const listeners: (() => void)[] = []
  let parts: AsyncDisposableStack | undefined
  let stopping: Promise<void> | undefined
  const ending = {
    reason: 'it could not start',
    of(all: AsyncDisposableStack) {
      parts = all
    },
    stop(reason: string): Promise<void> {
      ending.reason = reason
      return (stopping ??= dispose(parts, log))
    },
    stopAndTell(reason: string): void {
      void ending.stop(reason).then(() => {
        for (const listener of listeners) listener()
      })
    },
    async asked(): Promise<{ stopping: true }> {
      setImmediate(() => ending.stopAndTell('an operator asked for it'))
      return { stopping: true }
    },
    onStopped(listener: () => void): void {
      listeners.push(listener)
    },
  }
  return ending
}

async function dispose(
  parts: AsyncDisposableStack | undefined,
  log: (what: string) => void,
): Promise<void> {
  try {
    await parts?.disposeAsync()
  } catch (thrown) {
    for (let one: unknown = thrown; one !== undefined; one = suppressedBy(one))
      log(`while stopping: ${asFault(one instanceof SuppressedError ? one.error : one).message}`)
  }
}

function suppressedBy(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? thrown.suppressed : undefined
}
