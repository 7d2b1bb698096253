import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { PodFacts, PodLifecycle, PodSpec } from '../../ports/pods.ts'
import { limiter, type Limiter } from '../limiter.ts'
import { killMarked } from '../marked-processes.ts'
import { firstChild, identify, isAlive, signalTo } from './identity.ts'
import { MONITOR_MARK, podProcesses, startMonitor } from './monitor.ts'
import { payloadOf } from './payload.ts'
import { everyProcess, POD_MARK, startOf, type LocalPods } from './pods.ts'
import type { PodRecord } from './record.ts'
import { sandboxCommand } from './sandbox.ts'
import type { LocalWatch } from './watch.ts'

const START_TIMEOUT_MS = 20_000
const END_TIMEOUT_MS = 20_000

interface LocalLifecycle {
  lifecycle: PodLifecycle
  /** Kills what is left of a pod that ended or lost its monitor. */
  sweep(agent: string): Promise<void>
}

export function localLifecycle(pods: LocalPods, watch: LocalWatch): LocalLifecycle {
  const { records } = pods
  const limiters = new Map<string, Limiter>()
  /** Runs one operation at a time on each pod. */
  const exclusively = <T>(agent: string, work: () => Promise<T>): Promise<T> => {
    const one = limiters.get(agent) ?? limiter(1)
    limiters.set(agent, one)
    return one(work)
  }
  return {
    lifecycle: {
      create: (spec) => exclusively(spec.agent, async () => create(pods, watch, spec)),
      start: (agent) => exclusively(agent, () => start(pods, watch, agent)),
      stop: (agent, graceMs) => exclusively(agent, () => stop(pods, watch, agent, graceMs)),
      remove: (agent) =>
        exclusively(agent, async () => {
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
    // Exclusively, so that a pod that is just starting is not taken for a leftover.
    sweep: (agent) =>
      exclusively(agent, async () => {
        const record = records.read(agent)
        if (record && !(isAlive(record.monitor) && isAlive(record.first)))
          await killAll(pods, record)
      }),
  }
}

function create(pods: LocalPods, watch: LocalWatch, spec: PodSpec): PodFacts {
  const { records } = pods
  if (records.read(spec.agent))
    throw new Fault('name.taken', `${spec.agent} has a pod already`, {
      hint: 'Remove it first.',
    })
  records.write(spec.agent, {
    id: newId('pod'),
    spec,
    mode: 'none',
    monitor: undefined,
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
  // A pod that ended may have left processes running.
  await killAll(pods, old)
  const tools = await pods.tools()
  const mode = 'what' in tools ? 'none' : 'sandbox'
  const folder = records.folder(agent)
  const argv = payloadOf(old.spec, mode)
  const command =
    'what' in tools ? argv : sandboxCommand(tools, old.spec, argv, join(folder, 'etc'))
  const { paused: _, ...kept } = old
  const record: PodRecord = {
    ...kept,
    mode,
    startedAt: Date.now(),
    monitor: undefined,
    outer: undefined,
    first: undefined,
  }
  // Recorded before and while it starts, so that a crash leaves no process that is not found again.
  records.write(agent, record)
  const words = mode === 'none' ? inPlace(pods, record, command) : command
  record.monitor = identify(await startMonitor(folder, record, startOf(record), words))
  records.write(agent, record)
  await waitUntilUp(pods, record)
  refuseFailedStart(pods, record)
  records.write(agent, record)
  watch.follow(agent)
  watch.changed(agent)
  return factsOf(pods, agent)
}

/** Fault `backend.failed` when the pod's program could not be run, or the sandbox not be made. */
function refuseFailedStart(pods: LocalPods, { spec: { agent }, mode, first }: PodRecord): void {
  const exitCode = pods.records.exitCode(agent)
  const notRun = exitCode === 126 || exitCode === 127
  const errors = pods.lastErrors(agent)
  if (!notRun && !(mode === 'sandbox' && !first && errors !== '')) return
  throw new Fault(
    'backend.failed',
    `The pod of ${agent} did not start: ${errors || 'it ended at once'}`,
    { hint: `Run \`clawdeck logs ${agent}\` for the whole output.` },
  )
}

/** The command of a plain pod, with its environment and in its folder. */
function inPlace(pods: LocalPods, record: PodRecord, command: readonly string[]): string[] {
  const { env, cwd } = pods.plainEnvironment(record)
  const entries = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const change = ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd]
  return ['/usr/bin/env', '-i', ...entries, ...change, ...command]
}

/**
 * Records the pod's processes once they run. Those of a pod that has ended already stay undefined.
 */
async function waitUntilUp({ records }: LocalPods, record: PodRecord): Promise<void> {
  const { agent } = record.spec
  const folder = records.folder(agent)
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await pause(1)) {
    if (records.exitCode(agent) !== undefined || !isAlive(record.monitor)) return
    const { outer, first } = podProcesses(folder, record)
    // The sandbox is complete when its first process has a child.
    if (first === undefined || (record.mode === 'sandbox' && firstChild(first.pid) === undefined))
      continue
    Object.assign(record, { outer, first })
    return
  }
  throw new Fault(
    'timeout',
    `The pod of ${agent} did not start within ${START_TIMEOUT_MS / 1000} s`,
  )
}

async function stop(
  pods: LocalPods,
  watch: LocalWatch,
  agent: string,
  graceMs: number,
): Promise<void> {
  const record = pods.records.get(agent)
  if (isAlive(record.first) && graceMs > 0 && record.paused !== true) {
    const payload = record.mode === 'sandbox' ? firstChild(record.first.pid) : record.first.pid
    if (payload !== undefined) signalTo(identify(payload), 'SIGTERM')
    await waitFor(
      () => pods.records.exitCode(agent) !== undefined || !isAlive(record.monitor),
      graceMs,
    )
  }
  // Also kills what the pod's program left running.
  await killAll(pods, record)
  watch.changed(agent)
}

/** Returns whether the condition became true in time. */
async function waitFor(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; !condition(); await pause(3)) {
    if (Date.now() >= deadline) return false
  }
  return true
}

/** Kills all processes of a pod. Those of a plain pod are found by their mark. */
async function killAll(pods: LocalPods, record: PodRecord): Promise<void> {
  if (record.startedAt === undefined) return
  const start = startOf(record)
  if (record.monitor === undefined) {
    await killMarked(everyProcess, `${MONITOR_MARK}=${start}`)
    await killMarked(everyProcess, `${POD_MARK}=${start}`)
    return
  }
  const { agent } = record.spec
  const crashed = !isAlive(record.monitor) && pods.records.exitCode(agent) === undefined
  signalTo(record.first ?? podProcesses(pods.records.folder(agent), record).first, 'SIGKILL')
  if (record.mode === 'none') {
    await killMarked(
      () => pods.candidates(record).filter((pid) => pid !== record.monitor?.pid),
      `${POD_MARK}=${start}`,
    )
  }
  // What a killed monitor left could otherwise write into the files of the next start.
  if (crashed) await killMarked(everyProcess, `${MONITOR_MARK}=${start}`)
  const ended = () => !isAlive(record.monitor) && !isAlive(record.first)
  if (!(await waitFor(ended, END_TIMEOUT_MS)))
    throw new Fault('backend.failed', `The pod of ${agent} does not end`)
}

function factsOf(pods: LocalPods, agent: string): PodFacts {
  const facts = pods.facts(agent)
  if (!facts) throw new Fault('not.found', `${agent} has no pod`)
  return facts
}
