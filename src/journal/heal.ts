import { Fault } from '../base/fault.ts'
import type { Store } from '../store/open.ts'
import { brokenLink, GENESIS } from './chain.ts'
import { parseRow } from './expected-rows.ts'
import type { Nouns } from './noun.ts'
import { brief, everything, served, servedLate, type Part } from './parts.ts'
import {
  comparePart,
  describeDifference,
  foldOne,
  lastSeq,
  slices,
  type Difference,
} from './rebuild.ts'
import { rowsOf } from './rows.ts'
import { ensureTables } from './tables.ts'

/** The fewest events for which a start looks at what is grave alone: folding the others would take longer than an operator waits. */
const LONG = 100_000

/**
 * Before a deck is served: the journal is the truth, so tables that say something else are folded anew from it, and `log`
 * hears which rows it was. If the journal itself was changed nothing can be healed: rows stay as they are for `verify` to
 * tell of, but an approval that the journal does not know is never served. Fault `journal.corrupt` names it.
 */
export async function healNouns({ store, nouns, log }: Heal): Promise<void> {
  const stale = ensureTables(store, nouns)
  if (stale.length > 0 && lastSeq(store) > 0 && firstBroken(store) === undefined) {
    log(`made from the journal, as this version describes them: ${stale.join(', ')}`)
    refold(store, everything(nouns))
    return
  }
  const part = lastSeq(store) < LONG ? served(nouns) : brief(nouns)
  await heal({ store, nouns, log, part, beside: store })
}

/** The same for the rows that are compared late, while the deck is served: `beside` is a connection for nothing else. */
export async function healLateNouns({
  store,
  nouns,
  log,
  beside,
}: Heal & { beside: Store }): Promise<void> {
  await heal({ store, nouns, log, part: servedLate(nouns), beside })
}

interface Heal {
  store: Store
  nouns: Nouns
  log: (what: string) => void
}

async function heal({
  store,
  nouns,
  log,
  part,
  beside,
}: Heal & { part: Part; beside: Store }): Promise<void> {
  const { differences } = await comparePart(beside, part)
  if (differences.length === 0) return
  for (const difference of differences.slice(0, 20))
    log(`not as the journal tells it: ${describeDifference(difference)}`)
  const broken = firstBroken(store)
  if (broken === undefined) {
    refold(store, part.late ? part : everything(nouns))
    log(
      `${differences.length} rows were not what the journal says: all are folded from it anew. Another version of clawdeck wrote them, or somebody who should not.`,
    )
    return
  }
  const granted = differences.find((difference) => grants(nouns, difference))
  if (granted !== undefined)
    throw new Fault(
      'journal.corrupt',
      `${granted.table} ${granted.id} allows what the journal does not, and the journal itself was changed at event ${broken}`,
      { hint: 'Put a good copy of deck.db in place; logs/audit.jsonl tells what happened.' },
    )
  log(
    `the journal was changed at event ${broken}, so these rows cannot be healed from it: clawdeck audit verify`,
  )
}

/** Whether a row lets an agent do what by the journal it may not. */
function grants(nouns: Nouns, { table, here, expected }: Difference): boolean {
  const row = (text: string | undefined) => (text === undefined ? undefined : parseRow(text))
  return nouns.all.find(({ name }) => name === table)?.grants?.(row(here), row(expected)) ?? false
}

function firstBroken(store: Store): number | undefined {
  let [seq, prev] = [0, GENESIS]
  for (const slice of slices(store, '1')) {
    for (const event of slice) {
      if (brokenLink(event, seq + 1, prev) !== undefined) return seq + 1
      seq = event.seq
      prev = event.hash
    }
  }
  return undefined
}

function refold(store: Store, { nouns, events }: Part): void {
  const rows = rowsOf(store, nouns.tables)
  store.transaction(() => {
    for (const table of nouns.tables) store.exec(`DELETE FROM ${table}`)
    for (const slice of slices(store, events)) {
      for (const stored of slice) foldOne(stored, nouns, rows)
      rows.touched()
    }
  })()
}
