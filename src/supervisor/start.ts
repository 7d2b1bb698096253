import type { Server } from 'node:http'
import { MonotonicClock, systemClock, type MachineClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { openHostKey } from '../config/host-key.ts'
import type { HostKey } from '../base/signing.ts'
import type { Home } from '../config/home.ts'
import { readPrograms, usePrograms } from '../config/programs.ts'
import { readSettings } from '../config/settings.ts'
import type { Deck } from '../commands/deck.ts'
import { localCaller } from '../doors/operator/caller.ts'
import { operatorDoor } from '../doors/operator/door.ts'
import type { PodUsage } from '../ports/pods.ts'
import { thisBoot } from './boot.ts'
import { whenUnwatched } from './demo/unwatched.ts'
import { composeDeck, type ComposedDeck } from './compose/deck.ts'
import { openAccess } from './access.ts'
import { apiOpener } from './api.ts'
import { ChatHost } from './chat/host.ts'
import { webOpener } from './web.ts'
import { executor, type Execute } from './execute.ts'
import { Governance } from './governance.ts'
import { supervisorStatus } from './status.ts'
import { outsideAgents } from './outside.ts'
import { openPlatform, type Platform } from './platform.ts'
import { makeFolders } from './folders.ts'
import { acquireLock } from './home-lock.ts'
import { ReconcileLoop } from './reconcile/loop.ts'
import { closeServer, listen } from './sockets.ts'
import { refusedActs } from './refusals.ts'
import { Shutdown } from './shutdown.ts'
import { openFeed } from './feed/feed.ts'
import type { WorldFeed } from './feed/world.ts'
import { Turns } from './turns/turns.ts'

/** `platform`, `clock` and `boot` are for tests. */
export interface SupervisorOptions {
  home: Home
  env: NodeJS.ProcessEnv
  version: string
  demo: boolean
  log: (what: string) => void
  platform?: Platform
  clock?: MachineClock
  boot?: string
}

export interface RunningSupervisor {
  deck: Deck
  composed: ComposedDeck
  /** Ends everything in order, except pods. Resolves when the deck home is free. */
  stop(reason: string): Promise<void>
  /** Adds a listener for when the supervisor has stopped by itself or for an operator. */
  onStopped(listener: () => void): void
}

/**
 * Takes the deck home, repairs what a crash left, and serves. Faults: `supervisor.taken`,
 * `journal.*`, `config.invalid`.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<RunningSupervisor> {
  const { home, env, log } = options
  makeFolders(home)
  // What was opened before a failure is closed again.
  await using parts = new AsyncDisposableStack()
  parts.use(acquireLock(home.lock))
  const key = await openHostKey(home.secrets)
  const settings = await readSettings(home.config)
  usePrograms(readPrograms(home.programs))
  const platform = options.platform ?? (await openPlatform({ ...options, settings }))
  const { backends } = platform
  parts.use(backends)
  const served = Promise.withResolvers<void>()
  const shutdown = new Shutdown(log)
  const door: OperatorSide = { execute: notYet, turns: new Turns() }
  // Clients of this server are answered until the end, so that they hear why nothing is done.
  parts.defer(() => (door.server === undefined ? undefined : closeServer(door.server)))
  const clock = new MonotonicClock(options.clock ?? systemClock)
  const boot = options.boot ?? thisBoot()
  const chat = new ChatHost({ home, env, settings, clock, log })
  const composed = await composeDeck(
    { home, env, settings, key, backends, log, boot, clock, turns: door.turns, parts },
    {
      ending: shutdown,
      execute: (...call) => door.execute(...call),
      served: served.promise,
      botName: () => chat.botName,
    },
  )
  const governance = parts.use(new Governance({ composed, clock, home, settings, log }))
  const serving = { platform, composed, key, clock, door, shutdown, parts, chat, governance }
  const deck = await serve(options, serving)
  const execute: Execute = (...call) => door.turns.first(() => door.execute(...call))
  const outside = outsideAgents(composed, clock)
  const forDoors = { home, composed, key, clock, log, execute, outside }
  parts.use(await openAccess({ ...forDoors, settings }))
  const { turns } = door
  await composed.switched.start({
    web: webOpener(forDoors),
    api: apiOpener({ ...forDoors, deck, turns, settings, version: options.version }),
  })
  parts.use(await chat.serve({ composed, execute }))
  served.resolve()
  shutdown.endWith(parts.move())
  return {
    deck,
    composed,
    stop: (reason) => shutdown.stop(reason),
    onStopped: (listener) => shutdown.onStopped(listener),
  }
}

function notYet(): never {
  throw new Fault('supervisor.unavailable', 'the supervisor is still starting', {
    hint: 'Try again in a moment.',
  })
}

/** How acts are run, and the server for operators: both exist once the whole deck is composed. */
interface OperatorSide {
  execute: Execute
  turns: Turns
  server?: Server
}

interface Serving {
  platform: Platform
  composed: ComposedDeck
  key: HostKey
  clock: MonotonicClock
  door: OperatorSide
  shutdown: Shutdown
  parts: AsyncDisposableStack
  chat: ChatHost
  governance: Governance
}

/** Serves a composed deck. */
async function serve(
  options: SupervisorOptions,
  { platform, composed, key, clock, door, shutdown, parts, chat, governance }: Serving,
): Promise<Deck> {
  const { home, version, log } = options
  const { backends, demo } = platform
  const { journal } = composed.record
  const { facts, status } = supervisorStatus({
    ...options,
    key,
    backends,
    composed,
    clock,
    chat,
  })
  const usage: { now: Record<string, PodUsage> } = { now: {} }
  const world = openFeed({ composed, facts, usage: () => usage.now })
  const loop = new ReconcileLoop({ composed, backends, world, usage, log })
  const deck: Deck = {
    ...composed.services,
    supervisor: {
      status,
      reconcile: () => loop.reconcileAll(),
      stop: () => shutdown.stopForOperator(),
    },
    chat,
    watch: world,
    governance: () => governance.services(),
  }
  const refused = refusedActs({ journal, clock, problem: log })
  door.execute = attended(composed, executor({ deck, journal, refused }))
  const { execute, turns } = door
  door.server = operatorDoor({
    callerOf: (request, gone) => localCaller(composed.operators, request, gone),
    present: composed.operators.present.bind(composed.operators),
    execute: (...call) => turns.first(() => execute(...call)),
    log,
  })
  if (demo !== undefined) parts.use(demo)
  parts.use(loop)
  parts.defer(() => world.close(shutdown.reason))
  const { title } = facts().backend
  await journal.append(() => [
    {
      type: 'supervisor.started',
      actor: 'supervisor',
      subject: '',
      body: { version, pid: process.pid, backend: title },
    },
  ])
  await loop.start()
  await listen(door.server, home.socket)
  if (demo !== undefined) {
    await demo.start(deck)
    parts.use(endUnwatched(world, shutdown))
  }
  log(`clawdeck ${version} runs ${home.root} on ${title}`)
  return deck
}

/** Whoever has something run was seen. */
function attended({ attendance }: ComposedDeck, execute: Execute): Execute {
  return (id, input, caller) => {
    if (caller.operator !== undefined) attendance.saw(caller.operator, caller.actor)
    return execute(id, input, caller)
  }
}

/** Ends a demo that nobody looks at. */
function endUnwatched(world: WorldFeed, shutdown: Shutdown): AsyncDisposable {
  return whenUnwatched(
    () => world.followers(),
    () => shutdown.stopByItself('the demo is not watched'),
  )
}
