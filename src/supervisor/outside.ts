import type { Clock } from '../base/clock.ts'
import type { OutsideAgents } from '../doors/access/agents.ts'
import type { ComposedDeck } from './compose/deck.ts'

/** What the doors answer agents outside of pods by. */
export type AnsweredAgents = Omit<OutsideAgents, 'refused'>

/**
 * What every door answers agents outside of pods by. It is one for all doors, so that what was
 * signed counts at one of them, and its code is loaded for the first.
 */
export function outsideAgents(
  { agentKeys, doors, operators }: ComposedDeck,
  clock: Clock,
): () => Promise<AnsweredAgents> {
  const since = clock.now()
  const load = async () => {
    const { SignedRequests } = await import('../doors/access/signed-requests.ts')
    return {
      signed: new SignedRequests({ clock, since, trusted: (id) => agentKeys.trusted(id) }),
      answerOf: (agent: string) => doors.answerOf(agent),
      whileTrusted: operators.whileTrusted.bind(operators),
    }
  }
  let loaded: Promise<AnsweredAgents> | undefined
  return () => (loaded ??= load())
}
