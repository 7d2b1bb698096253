import { systemClock, type Clock } from '../base/clock.ts'
import { asFault } from '../base/fault.ts'
import { openHostKey } from '../config/host-key.ts'
import type { Home } from '../config/home.ts'
import { readSettings } from '../config/settings.ts'
import type { Deck } from '../commands/deck.ts'
import { operatorDoor } from '../doors/operator/door.ts'
import { serveTerminal } from '../doors/operator/pty-frames.ts'
import type { PodUsage } from '../ports/pods.ts'
import { whenAlone } from './demo/alone.ts'
import { composeDeck, type ComposedDeck } from './compose.ts'
import { execute } from './execute.ts'
import { selfKnowledge } from './facts.ts'
import { openGround, type SupervisorGround } from './ground.ts'
import { imageDesk } from '../domain/agents/images.ts'
import { holdLock, type HeldLock } from './lock.ts'
import { reality } from './reconcile/loop.ts'
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
  const { home } = options
  makeFolders(home)
  const lock = holdLock(home.lock)
  try {
    const key = await openHostKey(home.secrets)
    const settings = await readSettings(home.config)
    const ground = options.ground ?? (await openGround({ ...options, settings }))
    const composed = await composeDeck({
      home,
      settings,
      key,
      backends: ground.backends,
      log: options.log,
      clock: options.clock ?? systemClock,
    })
    return await serve(options, {
      lock,
      ground,
      composed,
      self: selfKnowledge({ ...options, key, backends: ground.backends, composed }),
    })
  } catch (thrown) {
    lock.release()
    throw thrown
  }
}

interface Standing {
  lock: HeldLock
  ground: SupervisorGround
  composed: ComposedDeck
  self: ReturnType<typeof selfKnowledge>
}

async function serve(
  { home, version, demo, log }: SupervisorOptions,
  { lock, ground, composed, self }: Standing,
): Promise<RunningSupervisor> {
  const { journal, store } = composed
  const usage: { now: Record<string, PodUsage> } = { now: {} }
  const world = openFeed({ composed, facts: self.facts, usage: () => usage.now })
  const real = reality({ composed, backends: ground.backends, world, usage, log })
  const stopped: (() => void)[] = []
  let stopping: Promise<void> | undefined
  let watched: () => void = () => undefined

  /** In this order, each whatever became of the one before: the deck home must be free at the end. */
  async function end(reason: string): Promise<void> {
    watched()
    const steps: (() => unknown)[] = [
      () => world.close(reason),
      () => real.close(),
      () => ground.endDemo(),
      () => composed.keep.close(),
      () => composed.shells.close(),
      () => composed.doors.closeAll(),
      () =>
        journal.append(() => [
          { type: 'supervisor.stopped', actor: 'supervisor', subject: '', body: { reason } },
        ]),
      () => composed.guard.close(),
      () => composed.trials.close(),
      () => composed.learning.close(),
      () => composed.expiry.close(),
      () => composed.file.close(),
      () => composed.checkpoints.sign(),
      () => composed.checkpoints.close(),
      () => journal.close(),
      () => composed.audit.close(),
      () => composed.clerk.close(),
      () => composed.mirror.close(),
      () => closeServer(server),
      () => ground.backends.close(),
      () => store.close(),
      () => lock.release(),
    ]
    for (const step of steps) {
      try {
        await step()
      } catch (thrown) {
        log(`while stopping: ${asFault(thrown).message}`)
      }
    }
  }

  const stop = (reason: string) => (stopping ??= end(reason))
  const stopAndTell = (reason: string) => {
    void stop(reason).then(() => {
      for (const act of stopped) act()
    })
  }
  const askedToStop = async () => {
    setImmediate(() => stopAndTell('an operator asked for it'))
    return { stopping: true as const }
  }
  const deck: Deck = {
    ...composed.deck,
    images: imageDesk(journal, ground.backends),
    supervisor: { status: self.status, reconcile: real.reconcile, stop: askedToStop },
  }
  const server = operatorDoor({
    execute: (id, input, caller) => execute(deck, id, input, caller),
    world,
    log,
    attach: (shell, size) => {
      const join = composed.shells.join(shell)
      return (stream) => serveTerminal(stream, join, size)
    },
  })

  await journal.append(() => [
    {
      type: 'supervisor.started',
      actor: 'supervisor',
      subject: '',
      body: { version, pid: process.pid, backend: self.facts().backend.title },
    },
  ])
  await real.start()
  await listen(server, home.socket)
  // What takes long begins when whoever waits for the deck can be answered.
  composed.served()
  if (demo) {
    await ground.startDemo(deck)
    watched = whenAlone(world.followers, () => stopAndTell('nobody looks at the demo any more'))
  }
  log(`clawdeck ${version} keeps ${home.root} on ${self.facts().backend.title}`)
  return {
    deck,
    composed,
    stop,
    onStopped: (act) => {
      stopped.push(act)
    },
  }
}
