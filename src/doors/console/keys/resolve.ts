import type { Face } from '../../../commands/face.ts'
import { faces } from '../../../commands/registry.ts'
import { contextOf, type Context } from '../store/select.ts'
import type { ConsoleState } from '../store/store.ts'

export type Subject = Context['subjects'][number]

/** A face of the registry as it stands here: what it would act on, and why it cannot. */
export interface Offer {
  face: Face
  subject: Subject | undefined
  why: string | undefined
}

/** Every face that could be meant here, the nearest subject first, then the deck's own. */
export function offers(state: ConsoleState): Offer[] {
  const { subjects } = contextOf(state)
  const order = [...subjects.map((s) => s.noun), 'deck']
  const place = (face: Face): number => {
    const at = order.indexOf(face.about)
    return at < 0 ? order.length : at
  }
  return faces
    .map((face) => offer(state, face, subjects))
    .sort((a, b) => place(a.face) - place(b.face))
}

export function offer(
  state: ConsoleState,
  face: Face,
  subjects: readonly Subject[] = contextOf(state).subjects,
): Offer {
  const subject = face.about === 'deck' ? undefined : subjects.find((s) => s.noun === face.about)
  return { face, subject, why: whyNot(state, face, subject) }
}

/** Why a face does not work here and now, in words for a person. */
function whyNot(state: ConsoleState, face: Face, subject: Subject | undefined): string | undefined {
  if (face.about !== 'deck' && subject === undefined)
    return `needs ${article(face.about)} under the cursor`
  if (needsLine(face) && state.world.line.state !== 'live')
    return 'there is no line to the supervisor'
  return subject === undefined ? undefined : face.unavailable?.(subject.row as never)
}

function needsLine(face: Face): boolean {
  return face.act !== undefined || face.needsSupervisor === true
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

/** The face that a key means here: what it can act on first, nearest subject first; else the one that says why not. */
export function resolve(state: ConsoleState, key: string): Offer | undefined {
  const meant = offers(state).filter((o) => o.face.keys?.includes(key))
  return (
    meant.find((o) => o.why === undefined) ??
    meant.find((o) => o.subject !== undefined || o.face.about === 'deck') ??
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
    if (o.face.group === 'Navigation') return 9
    const at = subjects.findIndex((s) => s.noun === o.face.about)
    return at < 0 ? 5 : at
  }
  return faces
    .filter((face) => face.hint !== undefined && face.keys !== undefined)
    .map((face) => offer(state, face, subjects))
    .filter((o) => o.why === undefined)
    .sort((a, b) => near(a) - near(b) || (a.face.hint ?? 0) - (b.face.hint ?? 0))
}
