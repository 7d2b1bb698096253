import { spawn } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { PodFacts, PodLifecycle, PodSpec } from '../../ports/pods.ts'
import { gate } from '../limit.ts'
import { endMarked } from '../marked-processes.ts'
import { firstChild, identify, lives, signalTo } from './identity.ts'
import { payloadOf } from './payload.ts'
import { everyProcess, POD_MARK, startOf, type LocalPods } from './pods.ts'
import { LOG_FILES, type Identity, type PodRecord } from './record.ts'
import { sandboxed } from './sandbox.ts'
import type { LocalWatch } from './watch.ts'

/** Appending, so that a log that is cut short while its pod writes has no hole. */
const LOG_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND
const STARTING_MS = 20_000
const ENDING_MS = 20_000

/** Runs the pod and writes its exit code down, also when no supervisor is there to hear of it. */
const KEEPER = '"$@"; code=$?; echo "$code" > exit.new && mv exit.new exit'

/** Lifecycle, and what ends the leftovers of a pod that has ended or lost its keeper. */
export interface LocalLifecycle {
  lifecycle: PodLifecycle
  sweep(agent: string): Promise<void>
}

export function localLifecycle(pods: LocalPods, watch: LocalWatch): LocalLifecycle {
  const { records } = pods
  const gates = new Map<string, ReturnType<typeof gate>>()
  /** One act at a time on each pod. */
  const alone = <T>(agent: string, work: () => Promise<T>): Promise<T> => {
    const turn = gates.get(agent) ?? gate(1)
    gates.set(agent, turn)
    return turn(work)
  }
  return {
    lifecycle: {
      create: (spec) => alone(spec.agent, async () => create(pods, watch, spec)),
      start: (agent) => alone(agent, () => start(pods, watch, agent)),
      stop: (agent, graceMs) => alone(agent, () => stop(pods, watch, agent, graceMs)),
      remove: (agent) =>
        alone(agent, async () => {
          if (!records.read(agent)) return
          await stop(pods, watch, agent, 0)
          records.remove(agent)
          watch.forget(agent)
        }),
      inspect: async (agent) => pods.facts(agent),
      list: async () =>
        records
          .names()
          .map((name) => pods.facts(name))
          .filter((facts) => facts !== undefined),
      watch: (changed, signal) => watch.add(changed, signal),
    },
    // In its turn: a pod that is just coming up is no leftover.
    sweep: (agent) =>
      alone(agent, async () => {
        const record = records.read(agent)
        if (record && !(lives(record.keeper) && lives(record.first))) await endAll(pods, record)
      }),
  }
}

function create(pods: LocalPods, watch: LocalWatch, spec: PodSpec): PodFacts {
  const { records } = pods
  if (records.read(spec.agent))
    throw new Fault('name.taken', `There is a pod of ${spec.agent} already`, {
      hint: 'Remove it first.',
    })
  records.write(spec.agent, {
    id: newId('pod'),
    spec,
    mode: 'none',
    keeper: undefined,
    outer: undefined,
    first: undefined,
    startedAt: undefined,
  })
  watch.changed(spec.agent)
  return factsOf(pods, spec.agent)
}

async function start(pods: LocalPods, watch: LocalWatch, agent: string): Promise<PodFacts> {
  const { records } = pods
  const old = records.get(agent)
  if (factsOf(pods, agent).state === 'running') return factsOf(pods, agent)
  // A pod that ended may have left something running.
  await endAll(pods, old)
  const tools = await pods.tools()
  const mode = 'what' in tools ? 'none' : 'sandbox'
  const folder = records.folder(agent)
  const argv = payloadOf(old.spec, mode)
  const command = 'what' in tools ? argv : sandboxed(tools, old.spec, argv, join(folder, 'etc'))
  const record: PodRecord = {
    ...old,
    mode,
    startedAt: Date.now(),
    keeper: undefined,
    outer: undefined,
    first: undefined,
  }
  rmSync(join(folder, 'exit'), { force: true })
  // Written down before it begins and again before it is up: whatever a crash leaves of it is known, or found by its mark.
  records.write(agent, record)
  record.keeper = identify(await keep(pods, record, command))
  records.write(agent, record)
  await comeUp(record, () => records.exitCode(agent) !== undefined)
  if (
    records.exitCode(agent) === 126 ||
    records.exitCode(agent) === 127 ||
    (mode === 'sandbox' && !record.first && pods.lastWords(agent) !== '')
  ) {
    throw new Fault(
      'backend.failed',
      `The pod of ${agent} did not start: ${pods.lastWords(agent) || 'it ended at once'}`,
      { hint: `\`clawdeck logs ${agent}\` has all of it.` },
    )
  }
  records.write(agent, record)
  watch.follow(agent)
  watch.changed(agent)
  return factsOf(pods, agent)
}

/** Starts the keeper in a session of its own, so that it outlives us, and answers its pid. */
function keep(pods: LocalPods, record: PodRecord, command: string[]): Promise<number> {
  const { spec, mode } = record
  const folder = pods.records.folder(spec.agent)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [out, err] = LOG_FILES.map((name) => openSync(join(folder, name), LOG_FLAGS, 0o600)) as [
    number,
    number,
  ]
  // The keeper's own folder is the pod's record; a plain pod goes on to its workspace from there.
  const plain = mode === 'none' ? pods.plainly(record) : undefined
  const words = plain
    ? ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', plain.cwd, ...command]
    : command
  const child = spawn('/bin/sh', ['-c', KEEPER, 'keeper', ...words], {
    cwd: folder,
    env: plain?.env ?? { [POD_MARK]: startOf(record) },
    detached: true,
    stdio: ['ignore', out, err],
  })
  closeSync(out)
  closeSync(err)
  child.unref()
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number))
    child.once('error', (cause) =>
      reject(
        new Fault(
          'backend.failed',
          `The pod of ${spec.agent} cannot be started: ${cause.message}`,
          { cause },
        ),
      ),
    )
  })
}

/** Fills in the pod's processes as they appear; a pod that has ended already is left without. */
async function comeUp(record: PodRecord, ended: () => boolean): Promise<void> {
  for (const deadline = Date.now() + STARTING_MS; Date.now() < deadline; await pause(1)) {
    if (ended() || !lives(record.keeper)) return
    const { outer, first } = processesOf(record)
    // Until it has a child of its own, the sandbox's first process is still building its walls.
    if (first === undefined || (record.mode === 'sandbox' && firstChild(first.pid) === undefined))
      continue
    Object.assign(record, { outer, first })
    return
  }
  throw new Fault(
    'timeout',
    `The pod of ${record.spec.agent} did not come up within ${STARTING_MS / 1000} s`,
  )
}

/** The pod's processes as its keeper's children tell. */
function processesOf({ keeper, mode }: PodRecord): Pick<PodRecord, 'outer' | 'first'> {
  const child = (of: Identity | undefined): Identity | undefined => {
    const pid = lives(of) ? firstChild(of.pid) : undefined
    return pid === undefined ? undefined : identify(pid)
  }
  const outer = child(keeper)
  return { outer, first: mode === 'none' ? outer : child(outer) }
}

async function stop(
  pods: LocalPods,
  watch: LocalWatch,
  agent: string,
  graceMs: number,
): Promise<void> {
  const record = pods.records.get(agent)
  if (lives(record.first) && graceMs > 0) {
    const payload = record.mode === 'sandbox' ? firstChild(record.first.pid) : record.first.pid
    if (payload !== undefined) signalTo(identify(payload), 'SIGTERM')
    // What its first program leaves running is ended with it, below.
    await within(graceMs, () => !lives(record.keeper))
  }
  await endAll(pods, record)
  watch.changed(agent)
}

async function within(ms: number, condition: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + ms; !condition(); await pause(3)) {
    if (Date.now() >= deadline) return false
  }
  return true
}

/** Ends everything of a pod; a plain pod's processes are found by their session and their mark. */
async function endAll(pods: LocalPods, record: PodRecord): Promise<void> {
  if (record.startedAt === undefined) return
  if (record.keeper === undefined) {
    await endMarked(everyProcess, `${POD_MARK}=${startOf(record)}`)
    return
  }
  signalTo(record.first ?? processesOf(record).first, 'SIGKILL')
  if (record.mode === 'none') {
    await endMarked(
      () => pods.candidates(record).filter((pid) => pid !== record.keeper?.pid),
      `${POD_MARK}=${startOf(record)}`,
    )
  }
  if (!(await within(ENDING_MS, () => !lives(record.keeper) && !lives(record.first))))
    throw new Fault('backend.failed', `The pod of ${record.spec.agent} does not end`)
}

function factsOf(pods: LocalPods, agent: string): PodFacts {
  const facts = pods.facts(agent)
  if (!facts) throw new Fault('not.found', `There is no pod of ${agent}`)
  return facts
}
