import { alertNoun, escalationNoun, heldNoun } from '../../domain/alerts/noun.ts'
import type { Room } from '../room.ts'

/** Who is told of questions. Settings say so, and what became of it stands in the audit. */
export const alertsRoom: Room = {
  nouns: [escalationNoun, heldNoun, alertNoun],
  commands: [],
}
