import type { PodProcesses } from '../pod-stats.ts'
import { namespaceOf, processesByNamespace, processOf, startedAs, startedWith } from '../proc.ts'
import { isAlive } from './identity.ts'
import { MONITOR_MARK } from './monitor.ts'
import { everyProcess, POD_MARK, SESSION_MARK, startOf, type LocalPods } from './pods.ts'
import type { PodRecord } from './record.ts'

/** The records of those of these agents whose pods run. */
export function runningRecords(
  { records }: Pick<LocalPods, 'records'>,
  agents: readonly string[],
): PodRecord[] {
  return agents
    .map((agent) => records.read(agent))
    .filter((record) => record !== undefined)
    .filter(({ first }) => isAlive(first))
}

/** The processes of pods, by agent. */
export function localProcesses(running: readonly PodRecord[]): Map<string, PodProcesses> {
  const sandboxes = running.filter(({ mode }) => mode === 'sandbox')
  const plain = running.filter(({ mode }) => mode === 'none')
  const own = new Map(
    sandboxes.map(({ spec, first }) => [spec.agent, namespaceOf(first?.pid ?? 0, 'pid') ?? '']),
  )
  const members = processesByNamespace(new Set(own.values()))
  return new Map([
    ...[...own].map(
      ([agent, namespace]) => [agent, { namespace, pids: members.get(namespace) ?? [] }] as const,
    ),
    ...plainProcesses(plain),
  ])
}

/**
 * What enters sandboxes from outside for a command or a shell: it waits for that to end, and stops
 * itself when that is stopped.
 */
export function entrancesOf({ namespace, pids }: PodProcesses): number[] {
  const parents = new Set(pids.map((pid) => processOf(pid)?.parent ?? 0))
  return [...parents].filter(
    (pid) =>
      pid > 1 &&
      namespaceOf(pid, 'pid') !== namespace &&
      pid !== process.pid &&
      startedAs(pid, SESSION_MARK) !== undefined,
  )
}

/**
 * Plain pods have no namespace of their own: their processes are found by a mark in the
 * environment, and by the kernel session of the monitor, in one pass for all pods.
 */
function plainProcesses(records: readonly PodRecord[]): Map<string, PodProcesses> {
  const found = new Map(
    records.map((record) => [startOf(record), { record, pids: [] as number[] }]),
  )
  const bySession = new Map(records.map((record) => [record.monitor?.pid ?? 0, startOf(record)]))
  for (const pid of records.length === 0 ? [] : everyProcess()) {
    const seen = processOf(pid)
    if (seen === undefined || seen.state === 'Z' || seen.state === 'X') continue
    const start = startedAs(pid, POD_MARK) ?? bySession.get(seen.session) ?? ''
    const pod = found.get(start)
    if (pod === undefined || pid === pod.record.monitor?.pid) continue
    if (!startedWith(pid, `${MONITOR_MARK}=${start}`)) pod.pids.push(pid)
  }
  return new Map(
    [...found.values()].map(({ record, pids }) => [
      record.spec.agent,
      // The start of its first process identifies it.
      { namespace: record.first?.began ?? '', pids },
    ]),
  )
}
