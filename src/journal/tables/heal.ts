import { Fault } from '../../base/fault.ts'
import type { Store } from '../../store/open.ts'
import { acceptedPart, ChainWalk } from '../loss/accepted-part.ts'
import { parseRow } from './expected-rows.ts'
import type { Nouns } from '../noun.ts'
import { brief, everything, served, servedLate, type Part } from './parts.ts'
import {
  comparePart,
  describeDifference,
  foldOne,
  lastSeq,
  slices,
  type Difference,
} from './rebuild.ts'
import { tableRows } from './rows.ts'
import { ensureTables } from './tables.ts'

/** With more events, a start checks only what matters most: folding all would take too long. */
const LONG_JOURNAL = 100_000

/**
 * Runs before a deck is served. Tables that differ from the journal are rebuilt from it, and the
 * rows are logged. If the journal itself was changed, the rows are left for verification to report;
 * but if one permits what the journal does not, this throws Fault `journal.corrupt`. Returns the
 * number of the first changed event, if it was looked for and found.
 */
export async function healNouns({ store, nouns, log }: Heal): Promise<number | undefined> {
  const stale = ensureTables(store, nouns)
  if (stale.length > 0 && lastSeq(store) > 0 && firstBroken(store) === undefined) {
    log(
      `rebuilt from the journal, because this version describes them differently: ${stale.join(', ')}`,
    )
    refold(store, everything(nouns))
    return undefined
  }
  const part = isLong(store) ? brief(nouns) : served(nouns)
  return heal({ store, nouns, log, part, beside: store })
}

/**
 * The same for rows that are compared while the deck is served. `beside` is a connection used only
 * for this.
 */
export async function healLateNouns({
  store,
  nouns,
  log,
  beside,
}: Heal & { beside: Store }): Promise<void> {
  await heal({ store, nouns, log, part: servedLate(nouns, isLong(store)), beside })
}

function isLong(store: Store): boolean {
  return lastSeq(store) >= LONG_JOURNAL
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
}: Heal & { part: Part; beside: Store }): Promise<number | undefined> {
  const { differences } = await comparePart(beside, part)
  if (differences.length === 0) return undefined
  for (const difference of differences.slice(0, 20))
    log(`differs from the journal: ${describeDifference(difference)}`)
  const broken = firstBroken(store)
  if (broken === undefined) {
    refold(store, part.late ? part : everything(nouns))
    log(
      `${differences.length} rows differed from the journal and were rebuilt. They were written by another version of clawdeck, or changed by somebody else.`,
    )
    return undefined
  }
  const granted = differences.find((difference) => grants(nouns, difference))
  if (granted !== undefined)
    throw new Fault(
      'journal.corrupt',
      `${granted.table} ${granted.id} permits what the journal does not, and the journal itself was changed at event ${broken}`,
      { hint: 'Restore a good copy of deck.db. logs/audit.jsonl shows what happened.' },
    )
  log(
    `the journal was changed at event ${broken}, so these rows cannot be rebuilt. Run \`clawdeck audit verify\`.`,
  )
  return broken
}

/** Whether a row permits an agent what the journal does not. */
function grants(nouns: Nouns, { table, here, expected }: Difference): boolean {
  const row = (text: string | undefined) => (text === undefined ? undefined : parseRow(text))
  return nouns.all.find(({ name }) => name === table)?.grants?.(row(here), row(expected)) ?? false
}

function firstBroken(store: Store): number | undefined {
  const walk = new ChainWalk(acceptedPart(store))
  for (const slice of slices(store, '1'))
    for (const event of slice) if (walk.next(event) !== undefined) return walk.seq + 1
  return undefined
}

function refold(store: Store, { nouns, events }: Part): void {
  const rows = tableRows(store, nouns)
  store.transaction(() => {
    for (const table of nouns.tables) store.exec(`DELETE FROM ${table}`)
    for (const slice of slices(store, events)) {
      for (const stored of slice) foldOne(stored, nouns, rows)
      rows.touched()
    }
  })()
}
