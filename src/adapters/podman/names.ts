import { sha256 } from '../../base/canonical.ts'

/** How this deck marks its containers on an engine that it shares with others. */
export interface Names {
  /** Value of the label `clawdeck.home`, which identifies the deck home of a container. */
  home: string
  container(agent: string): string
}

export const HOME_LABEL = 'clawdeck.home'
export const AGENT_LABEL = 'clawdeck.agent'
/** The hash of what the pod was made from. Set by the creator of the spec. */
export const SPEC_LABEL = 'clawdeck.spec'

export function namesOf(home: string): Names {
  const digest = sha256(home)
  return {
    home: digest.slice(0, 32),
    container: (agent) => `clawdeck-${digest.slice(0, 8)}-${agent}`,
  }
}
