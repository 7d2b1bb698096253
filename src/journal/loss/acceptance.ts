import { Fault } from '../../base/fault.ts'
import type { Clock } from '../../base/clock.ts'
import type { Store } from '../../store/open.ts'
import type { Checkpoints } from '../checkpoints.ts'
import type { HeadMark } from '../head-mark.ts'
import type { Journal } from '../journal.ts'
import type { Mirror } from '../mirror.ts'
import { eventReader } from '../read.ts'
import type { AcceptedLoss, DeckEvent, Draft, Verification } from '../types.ts'
import { acceptedPart, chainIsBroken, digestUpTo } from './accepted-part.ts'
import type { Losses } from './losses.ts'

interface AcceptanceParts {
  store: Store
  journal: Journal
  clock: Clock
  losses: Losses
  mark: HeadMark
  checkpoints: Checkpoints
  mirror: Mirror
}

/** Lets an owner accept what a broken journal has lost, and begins anew with what remains. */
export class LossAcceptance {
  readonly #parts: AcceptanceParts
  /** Events that end what was there before `since`, because it rests on a broken journal. */
  #endings: (since: number, actor: string) => Draft[] = () => []

  constructor(parts: AcceptanceParts) {
    this.#parts = parts
  }

  endWith(endings: (since: number, actor: string) => Draft[]): void {
    this.#endings = endings
  }

  /** `verify` is a deep verification. Faults: `not.possible`, `journal.corrupt`. */
  async accept(actor: string, verify: () => Promise<Verification>): Promise<AcceptedLoss> {
    const { journal, losses, store, mark } = this.#parts
    if (losses.problem === undefined)
      throw new Fault('not.possible', 'the journal is not broken: there is no loss to accept')
    await losses.record()
    refuseDamage(await verify())
    const [first] = losses.open
    if (first === undefined) throw onlyTables(losses.problem)
    const read = eventReader(store)
    const upTo = journal.head().seq
    const broken = await chainIsBroken(read, upTo, acceptedPart(store))
    const digest = broken ? await digestUpTo(read, upTo) : null
    const { after, lost, what } = first
    const [event] = await journal.append(() => {
      const found = losses.open.map((loss) => loss.event)
      if (found.length === 0) throw new Fault('not.possible', 'the loss has been accepted already')
      const body = { after, lost, what, found, mark: mark.count, digest }
      return [
        { type: 'journal.loss_accepted', actor, subject: '', body },
        ...this.#endings(first.at, actor),
      ]
    })
    const { seq, at } = event as DeckEvent<'journal.loss_accepted'>
    await this.settle(seq)
    return { after, lost, what, event: seq, by: actor, at }
  }

  /** Begins anew with what remains, now that event `accepted` says so. What was found is kept. */
  async settle(accepted: number): Promise<void> {
    const { journal, clock, checkpoints, mirror, mark } = this.#parts
    const label = `before-${accepted}`
    // At once, so that no verification finds the one without the other.
    checkpoints.renew(label)
    mark.renew(journal.head(), clock.now())
    await mirror.renew(label)
  }
}

function refuseDamage({ problems }: Verification): void {
  const damage = problems.find(({ where }) => where === 'database')
  if (damage !== undefined)
    throw new Fault('journal.corrupt', `the database is damaged: ${damage.what}`, {
      hint: 'Restore a good copy of deck.db. logs/audit.jsonl shows what happened.',
    })
}

function onlyTables(problem: string): Fault {
  return new Fault('not.possible', `no event is lost: ${problem}`, {
    hint: 'Restart the supervisor: it rebuilds its tables from the journal.',
  })
}
