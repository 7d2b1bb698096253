import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { OrgService } from '../orgs/types.ts'
import { recordName } from '../records/noun.ts'
import { HOUR, MINUTE } from '../times.ts'
import { nextCron } from './cron.ts'
import { exportTermsOf, type ComplianceExports } from './exports.ts'
import { SCHEDULE, type ComplianceSchedules, type StoredSchedule } from './schedules.ts'

interface SchedulerParts {
  schedules: Pick<ComplianceSchedules, 'list'>
  exports: Pick<ComplianceExports, 'makeFor'>
  orgs: Pick<OrgService, 'list'>
  journal: Pick<Journal, 'rows'>
  clock: Clock
  problem: (what: string) => void
}

/** A timer is at most this long, so that a clock that was set is noticed. */
const LONGEST_MS = HOUR
const BUSY_MS = 100
/** One that failed is tried again after this. */
const AGAIN_MS = MINUTE
const ACTOR = 'supervisor'

/**
 * Makes exports when their schedules say so. What came due while it did not run is made once, when
 * it starts.
 */
export class ComplianceScheduler implements Disposable {
  readonly #parts: SchedulerParts
  readonly #unwatch: () => void
  #cancel: () => void = () => undefined
  #isOver = false
  #isBusy = false

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#unwatch = parts.journal.rows.watch('record', (id) => {
      // The rows are read once the transaction is over.
      if (recordName(id).kind === SCHEDULE) this.#wait(0)
    })
    this.#wait(0)
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#unwatch()
    this.#cancel()
  }

  #wait(ms: number): void {
    this.#cancel()
    if (!this.#isOver)
      this.#cancel = this.#parts.clock.after(Math.min(ms, LONGEST_MS), () => void this.#run())
  }

  async #run(): Promise<void> {
    if (this.#isBusy) return this.#wait(BUSY_MS)
    this.#isBusy = true
    const { clock, problem } = this.#parts
    let least = 0
    for (const one of this.#enabled().filter((schedule) => dueAt(schedule) <= clock.now())) {
      if (this.#isOver) break
      await this.#make(one).catch((thrown: unknown) => {
        problem(`the export of the schedule ${one.id} could not be made: ${String(thrown)}`)
        least = AGAIN_MS
      })
    }
    this.#isBusy = false
    const next = Math.min(...this.#enabled().map(dueAt))
    this.#wait(Math.max(least, next - clock.now()))
  }

  #enabled(): StoredSchedule[] {
    if (this.#isOver) return []
    const { orgs, schedules } = this.#parts
    return orgs.list().flatMap(({ id }) => schedules.list(id).filter(({ enabled }) => enabled))
  }

  #make(due: StoredSchedule): Promise<void> {
    const { exports, clock } = this.#parts
    const { id, org_id: org } = due
    return exports.makeFor({ org, actor: ACTOR }, { id, terms: exportTermsOf(due) }, (changes) => {
      const schedule = changes.get<StoredSchedule>(SCHEDULE, id)
      if (schedule === undefined || dueAt(schedule) > clock.now()) return undefined
      const next = nextCron(schedule.cron_expression, clock.now())
      return (made) =>
        changes.change(SCHEDULE, id, {
          last_run_at: changes.now,
          last_export_id: made.id,
          next_run_at: new Date(next).toISOString(),
        })
    })
  }
}

function dueAt({ next_run_at: next }: StoredSchedule): number {
  return next === null ? Infinity : Date.parse(next)
}
