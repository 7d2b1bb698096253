import type { Brief, Noun, Nouns } from './noun.ts'
import { nounsOf } from './noun.ts'

/** What of the journal is folded, into the rows of which nouns, and what of these can be known from that. */
export interface Part {
  nouns: Nouns
  /** SQL over `event`. */
  events: string
  known: (table: string, row: Record<string, unknown>) => unknown
  /** Few events of a long journal, for rows that fit into memory. */
  late: boolean
}

/** All there is. */
export function everything(nouns: Nouns): Part {
  return { nouns, events: '1', known: (_, row) => row, late: false }
}

/** What is compared before a deck is served. */
export function served(nouns: Nouns): Part {
  const early = nounsOf(nouns.all.filter(({ checkedLate }) => checkedLate !== true))
  return { ...everything(early), events: `+type IN (${typesOf(early).map(quoted).join(', ')})` }
}

/** What is compared while a deck is served: rows that may be many, and that nobody uses before. */
export function servedLate(nouns: Nouns): Part {
  const late = nounsOf(nouns.all.filter(({ checkedLate }) => checkedLate === true))
  return {
    ...everything(late),
    events: `type IN (${typesOf(late).map(quoted).join(', ')})`,
    late: true,
  }
}

/** Of a long journal, what decides over agents: without the bulk of its events. */
export function brief(nouns: Nouns): Part {
  const { nouns: early } = served(nouns)
  const checked = nounsOf(early.all.filter((noun) => noun.brief !== 'unchecked'))
  const briefs = new Map(checked.all.map((noun) => [noun.name, briefOf(noun)]))
  const conditions = typesOf(checked).flatMap((type) => conditionFor(type, checked))
  return {
    nouns: checked,
    events: conditions.map((condition) => `(${condition})`).join(' OR '),
    known: (table, row) => briefs.get(table)?.known(row) ?? row,
    late: false,
  }
}

function briefOf({ brief }: Noun): Exclude<Brief, 'unchecked'> | undefined {
  return brief === 'unchecked' ? undefined : brief
}

/** Which events of a type are folded: none only where every noun that listens to it can do without. */
function conditionFor(type: string, nouns: Nouns): string[] {
  const skips = nouns.all
    .filter(({ folds }) => Object.hasOwn(folds, type))
    .map((noun) => (briefOf(noun)?.skip as Record<string, true | string> | undefined)?.[type])
  const is = `+type = ${quoted(type)}`
  if (skips.includes(undefined)) return [is]
  return skips.filter((skip) => skip !== true).map((skip) => `${is} AND NOT (${skip})`)
}

function typesOf(nouns: Nouns): string[] {
  return [...new Set(nouns.all.flatMap(({ folds }) => Object.keys(folds)))]
}

function quoted(type: string): string {
  return `'${type}'`
}
