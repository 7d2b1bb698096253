import type { Brief, Noun, Nouns } from '../noun.ts'
import { nounsOf } from '../noun.ts'

/** A part of the journal that is folded, to compare the rows of some nouns. */
export interface Part {
  nouns: Nouns
  /** Selects the events: SQL over `event`. */
  events: string
  /** The part of a row that these events determine. */
  known: (table: string, row: Record<string, unknown>) => unknown
  /** Compared while the deck is served: few events, and rows that fit into memory. */
  late: boolean
}

/** All events and nouns. */
export function everything(nouns: Nouns): Part {
  return { nouns, events: '1', known: (_, row) => row, late: false }
}

/** What is compared before a deck is served. */
export function served(nouns: Nouns): Part {
  const early = nounsOf(nouns.all.filter(({ checkedLate }) => checkedLate !== true))
  return { ...everything(early), events: `+type IN (${typesOf(early).map(quoted).join(', ')})` }
}

/**
 * What is compared while a deck is served: rows that may be many, and are not used before. Those of
 * a long journal that may be left out are.
 */
export function servedLate(nouns: Nouns, isLong: boolean): Part {
  const late = nounsOf(
    nouns.all.filter(
      ({ checkedLate, brief }) => checkedLate === true && !(isLong && brief === 'unchecked'),
    ),
  )
  return {
    ...everything(late),
    events: `type IN (${typesOf(late).map(quoted).join(', ')})`,
    late: true,
  }
}

/** What is compared of a long journal: what decides about agents, without most of the events. */
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

/** Selects the events of a type; none if every noun that folds it can do without. */
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
