import { plain } from '../../../base/text.ts'
import { operatorOf } from '../../operators/rules.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import { FLEET, type Absence, type Freeze, type Frozen } from './types.ts'

/** Whether somebody of this name is frozen: by itself, or with the fleet. */
export function frozenFor(rows: Pick<Rows, 'get'>, name: string): Frozen | undefined {
  const own = rows.get<Freeze>('freeze', name)
  if (own !== undefined) return own
  const fleet = rows.get<Freeze>('freeze', FLEET)
  return fleet?.thawed.includes(name) === true ? undefined : fleet
}

/** Why whatever an agent asks is denied; undefined while it is not. */
export function absenceReason(rows: Pick<Rows, 'get'>): string | undefined {
  const absence = rows.get<Absence>('absence', 'operators')
  return absence?.state === 'reached' && absence.response === 'deny'
    ? 'no operator was seen for too long: everything is denied until one is'
    : undefined
}

/** Who froze it: the name of an operator, or what else it was. */
export function whoFroze({ by }: Pick<Frozen, 'by'>): string {
  return plain(operatorOf(by) ?? by, 40)
}

/** `frozen by ada: it spends too much`. */
export function frozenText(frozen: Pick<Frozen, 'by' | 'why'>): string {
  const why = frozen.why === '' ? '' : `: ${plain(frozen.why, 200)}`
  return `frozen by ${whoFroze(frozen)}${why}`
}

const MINUTE_MS = 60_000

export interface AbsenceTerms {
  /** How long nobody may be seen; null for ever. */
  minutes: number | null
  /** How long before is warned. */
  warnMinutes: number
  response: 'freeze' | 'deny'
}

/**
 * When a warning and a deed are due, for somebody seen last at `seen` and a supervisor that runs
 * since `started`: however long it was away, it warns before it does anything.
 */
export function absenceTimes(
  { minutes, warnMinutes }: AbsenceTerms,
  { seen, started }: { seen: number; started: number },
): { warnAt: number; until: number } | undefined {
  if (minutes === null) return undefined
  const warnMs = Math.min(warnMinutes, minutes) * MINUTE_MS
  const until = Math.max(seen + minutes * MINUTE_MS, started + warnMs)
  return { warnAt: until - warnMs, until }
}
