import { plain, span } from '../../base/text.ts'
import type { DeckEvent } from '../../journal/types.ts'

type Body = Record<string, unknown>

const quoted = ({ why }: Body): string => plain(String(why ?? ''), 200)
const lasted = ({ frozenMs }: Body): string => `after ${span(Number(frozenMs ?? 0))}`
const took = ({ ms }: Body): string => `in ${Number(ms ?? 0)} ms`
const response = (body: Body): string =>
  body['response'] === 'deny' ? 'everything is denied' : 'the fleet is frozen'

/** What events about freezing, and about absent operators, say. */
export const FREEZING_TEXTS: Partial<Record<DeckEvent['type'], (body: Body) => string>> = {
  'agent.frozen': (b) =>
    [b['withFleet'] === true ? 'with the fleet' : '', quoted(b)]
      .filter((part) => part !== '')
      .join(' · '),
  'agent.paused': took,
  'agent.pause_failed': quoted,
  'agent.thawed': lasted,
  'agent.resumed': took,
  'agent.resume_failed': quoted,
  'fleet.frozen': quoted,
  'fleet.thawed': lasted,
  'approval.held': (b) => `${String(b['id'])} waits until the agent is thawed`,
  'approval.resumed': (b) => `${String(b['id'])} was held for ${span(Number(b['heldMs'] ?? 0))}`,
  'absence.warned': (b) => `no operator was seen: soon ${response(b)}`,
  'absence.reached': (b) => `no operator was seen: ${response(b)}`,
  'absence.ended': () => 'an operator was seen',
}
