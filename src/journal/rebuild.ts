import { breather } from '../base/yield.ts'
import { Fault } from '../base/fault.ts'
import type { Store } from '../store/open.ts'
import { brokenLink, GENESIS, type StoredEvent } from './chain.ts'
import { asEvent } from './read.ts'
import { NOUN_TABLES, rowsOf, type Fold, type NounTable, type Rows } from './rows.ts'
import { parsed, rowSlices, toldInMemory, toldInScratch, type Told } from './expected-rows.ts'
import type { DeckEvent } from './types.ts'

/** How much is looked at in one piece: rows, and milliseconds before others get their turn. */
interface Pace {
  slice: number
  breath?: number
}
const USUAL: Pace = { slice: 200 }
/** While the rules are looked at, somebody waits for the first answer of a deck, which takes several turns of the loop. */
const GENTLE: Pace = { slice: 50, breath: 2 }

export interface Difference {
  table: NounTable
  id: string
  what: string
  here: string | undefined
  told: string | undefined
}
export interface Comparison {
  events: number
  differences: Difference[]
}

/** What of the journal is folded, and what of the tables can be known from that. */
interface Part {
  events: string
  tables: readonly NounTable[]
  known: (table: NounTable, row: Record<string, unknown>) => unknown
}

const RULE_TABLES: readonly NounTable[] = ['rule', 'playbook']

/** What is looked at before a deck is served: all but the rules, which may be many. Nothing is asked of them before they were looked at too. */
const SERVED: Part = {
  events: `NOT (type >= 'rule.' AND type < 'rule/')`,
  tables: NOUN_TABLES.filter((table) => !RULE_TABLES.includes(table)),
  known: (_, row) => row,
}
export const RULES: Part = {
  events: `type >= 'rule.' AND type < 'rule/' OR type IN ('playbook.saved', 'playbook.removed')`,
  tables: RULE_TABLES,
  known: (_, row) => row,
}

const EVERYTHING: Part = { events: '1', tables: NOUN_TABLES, known: (_, row) => row }

/** What decides over agents, found without the bulk of a long journal: the decisions that needed neither a person nor a lease, and outcomes. */
const GRAVE: Part = {
  events: `type <> 'action.reported' AND NOT (type >= 'rule.' AND type < 'rule/') AND (type <> 'action.decided' OR instr(body, '"lease":"') > 0)`,
  tables: ['agent', 'approval', 'lease', 'session', 'precedent', 'budget'],
  known: (table, row) => (table === 'approval' ? { ...row, outcome: null } : row),
}

/** The fewest events for which a start looks at what is grave alone: folding the others would take longer than an operator waits. */
const LONG = 100_000

/** How a difference is told to a person. */
export function tell({ table, id, what }: Difference): string {
  return `${table} ${id}: ${what}`
}

/**
 * Folds the journal anew and compares what it tells with the tables of `store`, a connection that is used for nothing
 * else meanwhile: it reads one moment, whatever is appended. In slices.
 */
export async function compareNouns(
  store: Store,
  fold: Fold,
  { part = EVERYTHING, signal }: { part?: Part; signal?: AbortSignal } = {},
): Promise<Comparison> {
  const told = part === RULES ? toldInMemory() : toldInScratch(part.known)
  const breathe = breather(signal, paceOf(part).breath)
  store.exec('BEGIN')
  try {
    const events = await foldInto(told.rows, store, { fold, part, breathe })
    const differences: Difference[] = []
    for (const table of part.tables)
      differences.push(...(await compareTable(table, { live: store, told, part, breathe })))
    return { events, differences }
  } finally {
    store.exec('COMMIT')
    told.close()
  }
}

function paceOf(part: Part): Pace {
  return part === RULES ? GENTLE : USUAL
}

interface Work {
  part: Part
  breathe: () => Promise<void>
}

async function foldInto(
  rows: Rows,
  store: Store,
  { fold, part, breathe }: Work & { fold: Fold },
): Promise<number> {
  let events = 0
  for (const slice of part === RULES ? listed(store, part.events) : slices(store, part.events)) {
    for (const stored of slice) foldOne(stored, fold, rows)
    events += slice.length
    rows.touched()
    await breathe()
  }
  return events
}

/** The events of a part in order. What cannot be read is left out: `verify` tells of it. */
function* slices(store: Store, where: string): Generator<StoredEvent[]> {
  const since = store.prepare<[number, number], StoredEvent>(
    `SELECT * FROM event WHERE seq > ? AND (${where}) ORDER BY seq LIMIT ?`,
  )
  const one = store.prepare<[number], StoredEvent>(
    `SELECT * FROM event WHERE seq = ? AND (${where})`,
  )
  const last = lastSeq(store)
  for (let seq = 0; seq < last;) {
    let slice: StoredEvent[] | undefined
    try {
      slice = since.all(seq, USUAL.slice)
    } catch {
      /* a damaged page hides its whole slice */
    }
    if (slice?.length === 0) return
    const until: number = slice?.at(-1)?.seq ?? Math.min(seq + USUAL.slice, last)
    yield slice ?? readable(one, seq, until)
    seq = until
  }
}

/** The same for the few of a long journal, which an index knows by their type, but not in order: they are put in order once, not for each slice. */
function* listed(store: Store, where: string): Generator<StoredEvent[]> {
  const seqs = store
    .prepare<[], number>(`SELECT seq FROM event WHERE ${where} ORDER BY seq`)
    .pluck()
    .all()
  const one = store.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?')
  for (let i = 0; i < seqs.length; i += GENTLE.slice)
    yield seqs.slice(i, i + GENTLE.slice).flatMap((seq) => readable(one, seq - 1, seq))
}

function readable(
  one: { get(seq: number): StoredEvent | undefined },
  after: number,
  until: number,
): StoredEvent[] {
  const found: StoredEvent[] = []
  for (let seq = after + 1; seq <= until; seq++) {
    try {
      const event = one.get(seq)
      if (event !== undefined) found.push(event)
    } catch {
      /* it lies on the damaged page */
    }
  }
  return found
}

/** Folds one event; one whose body is no JSON any more says nothing. */
function foldOne(stored: StoredEvent, fold: Fold, rows: Rows): void {
  let event: DeckEvent
  try {
    event = asEvent(stored)
  } catch {
    return
  }
  fold(event, rows)
}

function lastSeq(store: Store): number {
  return (
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  )
}

async function compareTable(
  table: NounTable,
  { live, told, part, breathe }: Work & { live: Store; told: Told },
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const slice of rowSlices(table, live, paceOf(part).slice)) {
    for (const { id, row } of slice) {
      const what = told.against(table, id, row)
      if (what !== undefined)
        differences.push({ table, id, what, here: row, told: told.text(table, id) })
    }
    await breathe()
  }
  const here = live.prepare<[string], unknown>(`SELECT 1 FROM ${table} WHERE id = ?`)
  for (const slice of told.ids(table)) {
    for (const id of slice)
      if (here.get(id) === undefined)
        differences.push({
          table,
          id,
          what: 'missing',
          here: undefined,
          told: told.text(table, id),
        })
    await breathe()
  }
  return differences
}

/**
 * Before a deck is served: the journal is the truth, so tables that say something else are folded anew from it, and `log`
 * hears which rows it was. If the journal itself was changed nothing can be healed: rows stay as they are for `verify` to
 * tell of, but a yes that the journal does not know is never served. Fault `journal.corrupt` names it.
 */
export async function healNouns({ store, fold, log }: Heal): Promise<void> {
  await heal({ store, fold, log, part: lastSeq(store) < LONG ? SERVED : GRAVE, beside: store })
}

/** The same for the rules, while the deck is served: `beside` is a connection for nothing else. */
export async function healRules({
  store,
  fold,
  log,
  beside,
}: Heal & { beside: Store }): Promise<void> {
  await heal({ store, fold, log, part: RULES, beside })
}

interface Heal {
  store: Store
  fold: Fold
  log: (what: string) => void
}

async function heal({
  store,
  fold,
  log,
  part,
  beside,
}: Heal & { part: Part; beside: Store }): Promise<void> {
  const { differences } = await compareNouns(beside, fold, { part })
  if (differences.length === 0) return
  for (const difference of differences.slice(0, 20))
    log(`not as the journal tells it: ${tell(difference)}`)
  const broken = firstBroken(store)
  if (broken === undefined) {
    refold(store, fold, part === RULES ? RULES : EVERYTHING)
    log(
      `${differences.length} rows were not what the journal says: all are folded from it anew. Another version of clawdeck wrote them, or somebody who should not.`,
    )
    return
  }
  const yes = differences.find(isYes)
  if (yes !== undefined)
    throw new Fault(
      'journal.corrupt',
      `${yes.table} ${yes.id} allows what the journal does not, and the journal itself was changed at event ${broken}`,
      { hint: 'Put a good copy of deck.db in place; logs/audit.jsonl tells what happened.' },
    )
  log(
    `the journal was changed at event ${broken}, so these rows cannot be healed from it: clawdeck audit verify`,
  )
}

/** Whether a row lets an agent do what by the journal it may not. A rule that is not as it was told may: so may one that is missing, where it asked. */
function isYes({ table, here, told }: Difference): boolean {
  if (table === 'rule') return true
  const states: Partial<Record<NounTable, string>> = { approval: 'allowed', lease: 'active' }
  const state = (row: string | undefined) => (row === undefined ? undefined : parsed(row)['state'])
  return (
    states[table] !== undefined && state(here) === states[table] && state(told) !== states[table]
  )
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

function refold(store: Store, fold: Fold, { tables, events }: Part): void {
  const rows = rowsOf(store)
  store.transaction(() => {
    for (const table of tables) store.exec(`DELETE FROM ${table}`)
    for (const slice of slices(store, events)) {
      for (const stored of slice) foldOne(stored, fold, rows)
      rows.touched()
    }
  })()
}
