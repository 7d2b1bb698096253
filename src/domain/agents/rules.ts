import type { BackendReport, Isolation } from '../../ports/pods.ts'
import type { Freeze } from './freezing/types.ts'
import type { Agent } from './types.ts'

/** Why an act is not possible for an agent, in words for a person; undefined if it is possible. */
export const agentCan = {
  start(a: Agent): string | undefined {
    if (a.phase === 'up') return `${a.name} is already up`
    if (a.phase === 'starting') return `${a.name} is starting`
    if (a.frozen !== undefined) return isFrozen(a)
    return a.phase === 'stopping' ? `${a.name} is stopping; wait a moment` : undefined
  },
  stop(a: Agent): string | undefined {
    if (a.phase === 'up' || a.phase === 'starting' || a.phase === 'drifted') return undefined
    return a.wish === 'up' ? undefined : `${a.name} is not running`
  },
  restart(a: Agent): string | undefined {
    if (a.frozen !== undefined) return isFrozen(a)
    return a.phase === 'starting' || a.phase === 'stopping' ? `${a.name} is ${a.phase}` : undefined
  },
  attach(a: Agent): string | undefined {
    if (a.isolation === 'elsewhere')
      return `${a.name} runs outside of this deck: it has no shell here`
    if (a.phase !== 'up') return `${a.name} is not running: start it first (s)`
    return a.frozen === undefined ? undefined : isFrozen(a)
  },
  remove(a: Agent): string | undefined {
    return a.phase === 'up' || a.phase === 'starting'
      ? `${a.name} is running: stop it first (S), or force`
      : undefined
  },
  freeze(a: Agent): string | undefined {
    return a.frozen?.held === true ? `${a.name} is frozen already` : undefined
  },
  thaw(a: Agent): string | undefined {
    return a.frozen === undefined ? `${a.name} is not frozen` : undefined
  },
}

/** Why something about the whole fleet is not possible, or nothing. */
export const fleetCan = {
  thaw(fleet: Freeze | undefined): string | undefined {
    return fleet === undefined ? 'the fleet is not frozen' : undefined
  },
}

function isFrozen({ name }: Agent): string {
  return `${name} is frozen: thaw it first (U)`
}

/** Names of the limits of a spec that a backend does not enforce here. */
export function unenforcedLimits({
  enforces,
  isolation,
}: Pick<BackendReport, 'enforces' | 'isolation'>): string[] {
  // Without a pod there is nothing to limit, which is said as a whole.
  if (isolation === 'elsewhere') return []
  return Object.entries(enforces).flatMap(([what, yes]) => (yes ? [] : [what]))
}

/** What everybody who sees the agent should know of where it runs; '' where it is isolated. */
export const ISOLATION_WARNINGS: Readonly<Record<Isolation, string>> = {
  container: '',
  sandbox: '',
  none: 'not isolated',
  elsewhere: 'only asks here',
}
