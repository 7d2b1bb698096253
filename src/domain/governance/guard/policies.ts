import type { Journal } from '../../../journal/journal.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { readyPolicy, type ReadyPolicy } from '../policies/judge.ts'
import type { ApiPolicy } from '../policies/types.ts'
import type { RecordStore } from '../records/service.ts'

const MOST_POLICIES = 10_000

/** The API's own policies of each organisation, read once until they change. */
export class ReadyPolicies implements Disposable {
  readonly #records: RecordStore
  readonly #ready = new Map<string, ReadyPolicy[]>()
  readonly #unfollow: () => void

  constructor(records: RecordStore, journal: Pick<Journal, 'follow'>) {
    this.#records = records
    this.#unfollow = journal.follow(({ events }) => {
      for (const event of events) {
        if (!event.type.startsWith('record.')) continue
        const { org, kind } = (event as DeckEvent<'record.removed'>).body
        if (kind === 'policy') this.#ready.delete(org)
      }
    })
  }

  /** In the order in which they are stored. */
  of(org: string): readonly ReadyPolicy[] {
    const known = this.#ready.get(org)
    if (known !== undefined) return known
    const ready = this.#records
      .find<ApiPolicy>(org, 'policy', { limit: MOST_POLICIES })
      .toReversed()
      .map((policy) => readyPolicy({ ...policy, active: Boolean(policy.active) }))
    this.#ready.set(org, ready)
    return ready
  }

  [Symbol.dispose](): void {
    this.#unfollow()
  }
}
