import { Fault } from '../../../base/fault.ts'
import { agentCan } from '../rules.ts'
import type { Agent } from '../types.ts'
import type { FreezeReport } from './types.ts'

/** The names of those that are frozen. */
export function stillFrozen(agents: readonly Agent[]): string[] {
  return agents.filter((agent) => agentCan.thaw(agent) === undefined).map(({ name }) => name)
}

export function freezeReport(
  agents: readonly string[],
  ms: number,
  failed: ReadonlyMap<string, Fault>,
): FreezeReport {
  return {
    agents: [...agents],
    ms,
    failed: [...failed].map(([agent, { message }]) => ({ agent, why: message })),
    stillFrozen: [],
  }
}

/** Fault `backend.failed` if it was not done for all. */
export function requireHeld(what: 'paused' | 'resumed', report: FreezeReport): FreezeReport {
  const [first] = report.failed
  if (first === undefined) return report
  const rest = report.failed.length - 1
  const others = rest === 0 ? '' : `, and ${rest} more`
  throw new Fault('backend.failed', `${first.agent} was not ${what}: ${first.why}${others}`, {
    hint:
      what === 'paused'
        ? `What it asks is refused, but it may still run. To end it: clawdeck stop ${first.agent}`
        : `It is tried again. To see why: clawdeck inspect ${first.agent}`,
  })
}
