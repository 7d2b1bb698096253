import { sha256 } from '../../base/canonical.ts'

/** How this deck marks what is its own on an engine that it shares with others. */
export interface Names {
  /** Value of the label `clawdeck.home`: which deck home a container belongs to. */
  home: string
  container(agent: string): string
}

export const HOME_LABEL = 'clawdeck.home'
export const AGENT_LABEL = 'clawdeck.agent'
/** Set by whoever composes a spec: the hash of what the pod is made from. */
export const SPEC_LABEL = 'clawdeck.spec'

export function namesOf(home: string): Names {
  const digest = sha256(home)
  return {
    home: digest.slice(0, 32),
    container: (agent) => `clawdeck-${digest.slice(0, 8)}-${agent}`,
  }
}
