import { plain } from '../../../base/text.ts'
import type { Face } from '../../../commands/face.ts'
import { faces } from '../../../commands/registry.ts'
import type { DeckNow, SubjectKind } from '../../../commands/subject.ts'
import { FLEET } from '../../../domain/agents/freezing/types.ts'
import { API_AGENT_LIMITS } from '../../../domain/governance/agents/rules.ts'
import { whyUnread } from '../store/reading.ts'
import type { ConsoleState } from '../store/state.ts'
import { subjectsAtCursor, type Subject } from '../store/subjects.ts'
import { tableOf } from '../store/world.ts'

/** A face in the present state: what it would act on, and why it cannot. */
export interface Offer {
  face: Face
  subject: Subject | undefined
  why: string | undefined
}

/** Every face, those about the nearest subject first, then those about the deck. */
export function offers(state: ConsoleState): Offer[] {
  const subjects = subjectsAtCursor(state)
  const order: SubjectKind[] = [...subjects.map((s) => s.noun), 'deck']
  const rank = (face: Face): number => {
    const at = order.findIndex((noun) => isAbout(face, noun))
    return at < 0 ? order.length : at
  }
  return faces
    .map((face) => offer(state, face, subjects))
    .sort((a, b) => rank(a.face) - rank(b.face))
}

function isAbout({ about, alsoAbout = [] }: Face, noun: SubjectKind): boolean {
  return noun === about || alsoAbout.includes(noun)
}

export function offer(
  state: ConsoleState,
  face: Face,
  subjects: readonly Subject[] = subjectsAtCursor(state),
): Offer {
  const { about } = face
  const subject = about === 'deck' ? undefined : subjects.find(({ noun }) => isAbout(face, noun))
  const why = subject === undefined && about === 'agent' ? whyNotElsewhere(subjects) : undefined
  return { face, subject, why: why ?? whyNot(state, face, subject) }
}

/** Why a face does not work now, in words for a person. */
function whyNot(state: ConsoleState, face: Face, subject: Subject | undefined): string | undefined {
  if (face.about !== 'deck' && subject === undefined) return `select ${article(face.about)} first`
  if (needsSupervisor(face) && state.world.connection.state !== 'live')
    return 'not connected to the supervisor'
  if (face.about === 'deck') return face.unavailable?.(deckNow(state) as never)
  if (subject === undefined) return undefined
  const why = face.unavailable?.(subject.row as never)
  return why === undefined && face.inConsole === 'allow'
    ? whyUnread(state.ui.readings, subject.id)
    : why
}

/** Why what is done to agents in pods cannot be done to the agent under the cursor. */
function whyNotElsewhere(subjects: readonly Subject[]): string | undefined {
  const other = subjects.find(({ noun }) => noun === 'api_agent')
  return other === undefined ? undefined : `${plain(other.id, 60)}: ${API_AGENT_LIMITS}`
}

function deckNow({ world }: ConsoleState): DeckNow {
  return { fleet: tableOf(world, 'freeze').get(FLEET) }
}

function needsSupervisor(face: Face): boolean {
  return face.act !== undefined || face.needsSupervisor === true
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun.replaceAll('_', ' ')}`
}

/** What a key does now: the nearest face that works, else the nearest that says why not. */
export function resolve(state: ConsoleState, key: string): Offer | undefined {
  const candidates = offers(state).filter((o) => o.face.keys?.includes(key))
  return (
    candidates.find((o) => o.why === undefined) ??
    candidates.find((o) => o.subject !== undefined || o.face.about === 'deck') ??
    candidates[0]
  )
}

const KEY_LABELS: Record<string, string> = {
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

/** A key as it is shown: `ctrl-d` is `^d`. */
export function keyLabel(key: string): string {
  return KEY_LABELS[key] ?? (key.startsWith('ctrl-') ? `^${key.slice(5)}` : key)
}

/** What works now and has a hint, nearest subject first. */
export function hints(state: ConsoleState): Offer[] {
  const subjects = subjectsAtCursor(state)
  const distance = ({ face }: Offer): number => {
    if (face.group === 'Navigation') return 9
    const at = subjects.findIndex(({ noun }) => isAbout(face, noun))
    return at < 0 ? 5 : at
  }
  const isBeside = ({ hintBeside }: Face): boolean =>
    hintBeside === undefined || subjects.some(({ noun }) => hintBeside.includes(noun))
  return faces
    .filter((face) => face.hint !== undefined && face.keys !== undefined && isBeside(face))
    .map((face) => offer(state, face, subjects))
    .filter((o) => o.why === undefined)
    .sort((a, b) => distance(a) - distance(b) || (a.face.hint ?? 0) - (b.face.hint ?? 0))
}
