import { Fault } from '../../base/fault.ts'
import type { PodFreezer } from '../../ports/pods.ts'
import { holdProcesses, releaseProcesses } from '../held-processes.ts'
import { entrancesOf, localProcesses, runningRecords } from './members.ts'
import type { LocalPods } from './pods.ts'
import type { PodRecord } from './record.ts'
import type { LocalWatch } from './watch.ts'

/** Holds pods by stopping all of their processes. That it was the deck is recorded with the pod. */
export function localFreezer(pods: LocalPods, watch: LocalWatch): PodFreezer {
  const { records } = pods
  /** Why some of these cannot be held or released; the records of the others. */
  const sorted = (agents: readonly string[], failed: Map<string, Fault>): PodRecord[] => {
    const running = runningRecords(pods, agents)
    const names = new Set(running.map(({ spec }) => spec.agent))
    for (const agent of agents)
      if (!names.has(agent))
        failed.set(
          agent,
          records.read(agent) === undefined
            ? new Fault('not.found', `${agent} has no pod`)
            : new Fault('not.possible', `The pod of ${agent} is not running`),
        )
    return running
  }
  return {
    async pause(agents) {
      const failed = new Map<string, Fault>()
      const running = sorted(agents, failed)
      // Recorded first: whoever finds them stopped knows that the deck did it.
      for (const record of running) records.write(record.spec.agent, { ...record, paused: true })
      const left = await holdProcesses(
        () =>
          new Map(
            [...localProcesses(running)].map(([agent, found]) => [
              agent,
              [...found.pids, ...entrancesOf(found)],
            ]),
          ),
      )
      for (const agent of left)
        failed.set(agent, new Fault('backend.failed', `Processes of ${agent} do not stop`))
      for (const { spec } of running) watch.changed(spec.agent)
      return failed
    },
    async resume(agents) {
      const failed = new Map<string, Fault>()
      const paused = sorted(agents, failed).filter((record) => record.paused === true)
      for (const found of localProcesses(paused).values()) {
        releaseProcesses([...found.pids, ...entrancesOf(found)])
      }
      for (const { paused: _, ...record } of paused) {
        records.write(record.spec.agent, record)
        watch.changed(record.spec.agent)
      }
      return failed
    },
  }
}
