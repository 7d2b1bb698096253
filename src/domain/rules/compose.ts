import type { Clock } from '../../base/clock.ts'
import { ruleChangeService } from './changes.ts'
import { complaintService } from './complaints.ts'
import { playbookService } from './playbooks.ts'
import { proposalService } from './propose.ts'
import { ruleReader } from './read.ts'
import type { Learning } from './service.ts'
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

/** Learned rules, as doors ask for them: each answer waits until the rules are known. */
export function composeRuleServices(parts: RuleParts) {
  const { learning, clock } = parts
  const reader = ruleReader({ ...parts, book: learning.book })
  const desk = ruleChangeService({ ...parts, reader })
  const proposing = proposalService({ ...parts, reader, desk })
  const once =
    <A extends unknown[], T>(answer: (...args: A) => T) =>
    async (...args: A): Promise<T> => {
      await learning.usable()
      return answer(...args)
    }

  const deck: RuleService = {
    list: once((filter) => reader.list(filter)),
    get: once((id) => reader.get(id)),
    status: once(() => reader.status(clock.now())),
    recent: once((limit) => reader.recent(limit)),
    risky: once(() => reader.risky(clock.now())),
    proposals: proposing.proposals,
    propose: proposing.propose,
    missed: complaintService({ ...parts, reader, desk }),
    confirm: desk.confirm,
    suspend: desk.suspend,
    resume: desk.resume,
    archive: desk.archive,
    restore: desk.restore,
    edit: desk.edit,
    merge: desk.merge,
  }
  return {
    deck,
    playbooks: playbookService({ ...parts, reader, desk }),
    reader,
    desk,
    proposing,
    retire: desk.retire,
  }
}
