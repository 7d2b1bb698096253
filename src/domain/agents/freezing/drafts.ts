import type { Draft } from '../../../journal/types.ts'
import type { FreezingParts } from './parts.ts'
import { FLEET, type Freeze, type FrozenAgent } from './types.ts'

/** Who freezes, why, and since when: earlier than now if it is only written down now. */
interface FreezeTerms {
  why: string
  actor: string
  since: number
}

type DraftParts = Pick<FreezingParts, 'journal' | 'reader' | 'questions' | 'clock'>

/** Events that freeze an agent and hold its questions; none if it is frozen. */
export function agentFreezeDrafts(
  { journal, questions, clock }: DraftParts,
  name: string,
  { why, actor, since }: FreezeTerms,
): Draft[] {
  if (journal.rows.get<Freeze>('freeze', name) !== undefined) return []
  const earlier = since < clock.now() ? { since } : {}
  const body = { why, withFleet: false, ...earlier }
  const held = questions.hold((agent) => agent === name, since)
  return [{ type: 'agent.frozen', actor, subject: name, body }, ...held]
}

/** What was frozen by itself so shortly before was meant to be the first of all. */
const MEANT_ALL_MS = 3000

/** Whether an agent is frozen, and thawed, with the fleet. */
function joins(frozen: FrozenAgent | undefined, actor: string, now: number): boolean {
  if (frozen === undefined) return true
  return !frozen.withFleet && frozen.by === actor && now - frozen.at < MEANT_ALL_MS
}

/** Events that freeze the fleet, and each agent of it that is not frozen. */
export function fleetFreezeDrafts(
  { journal, reader, questions, clock }: DraftParts,
  { why, actor, since }: FreezeTerms,
): Draft[] {
  const fleet = journal.rows.get<Freeze>('freeze', FLEET)
  const agents = reader.list().filter(({ frozen }) => joins(frozen, actor, clock.now()))
  if (fleet !== undefined && fleet.thawed.length === 0 && agents.length === 0) return []
  const earlier = since < clock.now() ? { since } : {}
  return [
    { type: 'fleet.frozen', actor, subject: '', body: { why, ...earlier } },
    ...agents.map(({ name }): Draft => ({
      type: 'agent.frozen',
      actor,
      subject: name,
      body: { why, withFleet: true, ...earlier },
    })),
    ...questions.hold(() => true, since),
  ]
}
