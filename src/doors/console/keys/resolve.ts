import type { Face } from '../../../commands/face.ts'
import { faces } from '../../../commands/registry.ts'
import { contextOf, type Context } from '../store/select.ts'
import type { ConsoleState } from '../store/store.ts'

export type Subject = Context['subjects'][number]

/** A row of the registry as it stands here: what it would act on, and why it cannot. */
export interface Offer {
  row: Face
  subject: Subject | undefined
  why: string | undefined
}

/** Every row that could be meant here, the nearest subject first, then the deck's own. */
export function offers(state: ConsoleState): Offer[] {
  const { subjects } = contextOf(state)
  const order = [...subjects.map((s) => s.noun), 'deck']
  const place = (row: Face): number => {
    const at = order.indexOf(row.about)
    return at < 0 ? order.length : at
  }
  return faces.map((row) => offer(state, row, subjects)).sort((a, b) => place(a.row) - place(b.row))
}

export function offer(
  state: ConsoleState,
  row: Face,
  subjects: readonly Subject[] = contextOf(state).subjects,
): Offer {
  const subject = row.about === 'deck' ? undefined : subjects.find((s) => s.noun === row.about)
  return { row, subject, why: whyNot(state, row, subject) }
}

/** Why a row does not work here and now, in words for a person. */
function whyNot(state: ConsoleState, row: Face, subject: Subject | undefined): string | undefined {
  if (row.about !== 'deck' && subject === undefined)
    return `needs ${article(row.about)} under the cursor`
  if (needsLine(row) && state.world.line.state !== 'live')
    return 'there is no line to the supervisor'
  return subject === undefined ? undefined : row.unavailable?.(subject.row as never)
}

function needsLine(row: Face): boolean {
  return row.act !== undefined || row.needsLine === true
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

/** The row that a key means here: what it can act on first, nearest subject first; else the one that says why not. */
export function resolve(state: ConsoleState, key: string): Offer | undefined {
  const meant = offers(state).filter((o) => o.row.keys?.includes(key))
  return (
    meant.find((o) => o.why === undefined) ??
    meant.find((o) => o.subject !== undefined || o.row.about === 'deck') ??
    meant[0]
  )
}

const SHOWN: Record<string, string> = {
  enter: '⏎',
  esc: '⎋',
  space: '␣',
  tab: '⇥',
  'shift-tab': '⇧⇥',
  up: '↑',
  down: '↓',
  pageup: 'PgUp',
  pagedown: 'PgDn',
}

/** A key as it is printed: `ctrl-d` is `^d`. */
export function keyLabel(key: string): string {
  return SHOWN[key] ?? (key.startsWith('ctrl-') ? `^${key.slice(5)}` : key)
}

/** The hints for the footer: what works here, most wanted first. */
export function hints(state: ConsoleState): Offer[] {
  const { subjects } = contextOf(state)
  const near = (o: Offer): number => {
    if (o.row.group === 'Moving about') return 9
    const at = subjects.findIndex((s) => s.noun === o.row.about)
    return at < 0 ? 5 : at
  }
  return faces
    .filter((row) => row.hint !== undefined && row.keys !== undefined)
    .map((row) => offer(state, row, subjects))
    .filter((o) => o.why === undefined)
    .sort((a, b) => near(a) - near(b) || (a.row.hint ?? 0) - (b.row.hint ?? 0))
}
