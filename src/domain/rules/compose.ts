import type { Clock } from '../../base/clock.ts'
import { RuleChanges } from './changes/changes.ts'
import { Complaints } from './changes/complaints.ts'
import type { Learning } from './learning/learning.ts'
import type { RuleMove } from './changes/moves.ts'
import { RulePlaybooks } from './changes/playbooks.ts'
import { RuleProposals } from './changes/propose.ts'
import { ruleReader } from './read.ts'
import type { Journal } from '../../journal/journal.ts'
import type { eventReader } from '../../journal/read.ts'
import type { Store } from '../../store/open.ts'
import type { RuleService } from './types.ts'

export interface RuleParts {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
  read: ReturnType<typeof eventReader>
}

/** The services of learned rules. Their answers wait until the rules are read. */
export function composeRuleServices(parts: RuleParts) {
  const { learning } = parts
  const reader = ruleReader({ ...parts, book: learning.book })
  const changes = new RuleChanges({ ...parts, reader })
  const proposals = new RuleProposals({ ...parts, reader, changes })
  const complaints = new Complaints({ ...parts, reader })
  return {
    reader,
    changes,
    proposals,
    playbooks: new RulePlaybooks({ ...parts, reader, changes }),
    service: ruleService(parts, { reader, changes, proposals, complaints }),
  }
}

interface RuleServices {
  reader: ReturnType<typeof ruleReader>
  changes: RuleChanges
  proposals: RuleProposals
  complaints: Complaints
}

function ruleService(
  { learning, clock }: RuleParts,
  { reader, changes, proposals, complaints }: RuleServices,
): RuleService {
  const whenReady =
    <A extends unknown[], T>(answer: (...args: A) => T) =>
    async (...args: A): Promise<T> => {
      await learning.usable()
      return answer(...args)
    }
  const move = (to: RuleMove) => (id: string, note: string, actor: string) =>
    changes.move(id, to, note, actor)
  return {
    list: whenReady((filter) => reader.list(filter)),
    get: whenReady((id) => reader.get(id)),
    status: whenReady(() => reader.status(clock.now())),
    recent: whenReady((limit) => reader.recent(limit)),
    risky: whenReady(() => reader.risky(clock.now())),
    proposals: (approval, decision) => proposals.list(approval, decision),
    propose: (input, actor) => proposals.propose(input, actor),
    missed: (action, note, actor) => complaints.complain(action, note, actor),
    confirm: move('confirm'),
    suspend: move('suspend'),
    resume: move('resume'),
    archive: move('archive'),
    restore: move('restore'),
    edit: (id, edit, actor) => changes.edit(id, edit, actor),
    merge: (ids, actor) => changes.merge(ids, actor),
  }
}
