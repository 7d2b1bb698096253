import { INVALIDATION } from '../assumptions/rules.ts'
import type { RecordChanges } from '../records/service.ts'

const MOST_BELONGINGS = 100_000

/** Removes what hangs on an action. */
export function removeBelongings(changes: RecordChanges, action: string): void {
  for (const kind of ['loop', 'assumption'] as const) {
    const found = changes.find<Record<string, string>>(kind, {
      where: { action_id: action },
      limit: MOST_BELONGINGS,
    })
    for (const row of found) {
      const key = row[`${kind}_id`] as string
      changes.remove(kind, key)
      if (kind === 'assumption' && changes.get(INVALIDATION, key) !== undefined)
        changes.remove(INVALIDATION, key)
    }
  }
}
