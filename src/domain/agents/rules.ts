import type { BackendReport } from '../../ports/pods.ts'
import type { Agent } from './types.ts'

/** Why an act is not possible for an agent as it is, in words for a person; undefined when it is. */
export const agentCan = {
  start(a: Agent): string | undefined {
    if (a.phase === 'up') return `${a.name} is already up`
    if (a.phase === 'starting') return `${a.name} is starting`
    return a.phase === 'stopping' ? `${a.name} is stopping; wait a moment` : undefined
  },
  stop(a: Agent): string | undefined {
    if (a.phase === 'up' || a.phase === 'starting' || a.phase === 'drifted') return undefined
    return a.wish === 'up' ? undefined : `${a.name} is not running`
  },
  restart(a: Agent): string | undefined {
    return a.phase === 'starting' || a.phase === 'stopping' ? `${a.name} is ${a.phase}` : undefined
  },
  attach(a: Agent): string | undefined {
    return a.phase === 'up' ? undefined : `${a.name} is not running: start it first (s)`
  },
  remove(a: Agent): string | undefined {
    return a.phase === 'up' || a.phase === 'starting'
      ? `${a.name} is running: stop it first (S), or force`
      : undefined
  },
}

/** Limits of the spec that a backend cannot enforce here, by name. */
export function unenforced(enforces: BackendReport['enforces']): string[] {
  return Object.entries(enforces).flatMap(([what, yes]) => (yes ? [] : [what]))
}
