import type { Journal } from '../../../journal/journal.ts'
import { readyPolicy, type ReadyPolicy } from '../policies/judge.ts'
import { MOST_POLICIES } from '../policies/rules.ts'
import type { StoredPolicy } from '../policies/types.ts'
import { recordName } from '../records/noun.ts'
import type { RecordStore } from '../records/service.ts'

/**
 * The API's own policies of each organisation, read once until they change: also within the
 * transaction that changes them, and if that is rolled back.
 */
export class ReadyPolicies implements Disposable {
  readonly #records: RecordStore
  readonly #ready = new Map<string, ReadyPolicy[]>()
  readonly #unwatch: () => void

  constructor(records: RecordStore, { rows }: Pick<Journal, 'rows'>) {
    this.#records = records
    this.#unwatch = rows.watch('record', (id) => {
      const { org, kind } = recordName(id)
      if (kind === 'policy') this.#ready.delete(org)
    })
  }

  /** In the order in which they are stored. */
  of(org: string): readonly ReadyPolicy[] {
    const known = this.#ready.get(org)
    if (known !== undefined) return known
    const ready = this.#records
      .find<StoredPolicy>(org, 'policy', { limit: MOST_POLICIES })
      .toReversed()
      .map((policy) => readyPolicy({ ...policy, active: Boolean(policy.active) }))
    this.#ready.set(org, ready)
    return ready
  }

  [Symbol.dispose](): void {
    this.#unwatch()
  }
}
