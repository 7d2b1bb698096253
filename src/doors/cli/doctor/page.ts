import { count } from '../../../base/text.ts'
import type { DoorRow } from '../../../domain/doors/types.ts'
import { bad, good, poor, type Check } from './check.ts'

const DAY_MS = 86_400_000

/** The page for phones: off, or where it is and how long its certificate is valid. */
export function pageCheck(doors: readonly DoorRow[], now = Date.now()): Check {
  const page = doors.find(({ id }) => id === 'web')
  if (page?.state !== 'open') return good('page', 'off; clawdeck access serve opens it for phones')
  const { address, problem } = page
  if (address === null)
    return bad(
      'page',
      `it is on, but not served: ${problem ?? 'it does not listen'}`,
      'Open it elsewhere, or close it: clawdeck access serve off',
    )
  const days = Math.floor((address.validUntil - now) / DAY_MS)
  return days < LAST_DAYS
    ? poor(
        'page',
        `${address.url}; its certificate ends in ${count(Math.max(0, days), 'day')}`,
        'Make a new one: clawdeck access serve',
      )
    : good('page', `${address.url}, certificate valid for ${count(days, 'day')}`)
}

/** So many days before its end, a certificate is to be renewed. */
const LAST_DAYS = 30
