import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { PolicyAuthor } from '../policies/service.ts'
import type { RecordStore } from '../records/service.ts'
import { required } from '../refusals.ts'
import { nextCron } from './cron.ts'
import type { ExportTerms } from './exports.ts'
import type { Compliance } from './service.ts'

/** A schedule of exports as it is stored and answered. */
export interface StoredSchedule extends ExportTerms {
  id: string
  org_id: string
  /** Five parts, in UTC. */
  cron_expression: string
  enabled: boolean
  last_run_at: string | null
  last_export_id: string | null
  /** Null while it is not enabled. */
  next_run_at: string | null
  created_at: string
  updated_at: string
}

export type ToldSchedule = ExportTerms & Pick<StoredSchedule, 'cron_expression' | 'enabled'>

export const SCHEDULE = 'compliance_schedule'
export const MOST_SCHEDULES = 50

/** When exports are made without being asked for. */
export class ComplianceSchedules {
  readonly #parts: { records: RecordStore; compliance: Compliance; clock: Clock }

  constructor(parts: { records: RecordStore; compliance: Compliance; clock: Clock }) {
    this.#parts = parts
  }

  /** The newest first. */
  list(org: string): StoredSchedule[] {
    return this.#parts.records.find<StoredSchedule>(org, SCHEDULE, { limit: MOST_SCHEDULES })
  }

  /** Faults: `input.invalid`, `not.possible` for too many. */
  async add(author: PolicyAuthor, told: ToldSchedule): Promise<StoredSchedule> {
    await this.#requireKnown(told.frameworks)
    const next_run_at = this.#next(told)
    const { records } = this.#parts
    return records.write({ ...author, subject: '' }, (changes) => {
      if (records.count(author.org, SCHEDULE) >= MOST_SCHEDULES)
        throw new Fault('not.possible', `an organisation has at most ${MOST_SCHEDULES} schedules`)
      const schedule: StoredSchedule = {
        id: `cx_${randomBytes(12).toString('hex')}`,
        org_id: author.org,
        ...told,
        last_run_at: null,
        last_export_id: null,
        next_run_at,
        created_at: changes.now,
        updated_at: changes.now,
      }
      changes.make(SCHEDULE, schedule.id, schedule)
      return schedule
    })
  }

  /** Faults: `not.found`, `input.invalid`. */
  async change(
    author: PolicyAuthor,
    id: string,
    change: Partial<ToldSchedule>,
  ): Promise<StoredSchedule> {
    const { records } = this.#parts
    required(records.get(author.org, SCHEDULE, id), `Schedule ${id}`)
    await this.#requireKnown(change.frameworks ?? [])
    return records.write({ ...author, subject: '' }, (changes) => {
      const before = required(changes.get<StoredSchedule>(SCHEDULE, id), `Schedule ${id}`)
      const after = { ...before, ...change }
      const isTimed = change.cron_expression !== undefined || change.enabled !== undefined
      const next_run_at = isTimed ? this.#next(after) : before.next_run_at
      changes.change(SCHEDULE, id, { ...change, next_run_at, updated_at: changes.now })
      return changes.get<StoredSchedule>(SCHEDULE, id) as StoredSchedule
    })
  }

  /** Fault `not.found`. */
  remove(author: PolicyAuthor, id: string): Promise<void> {
    return this.#parts.records.write({ ...author, subject: '' }, (changes) => {
      required(changes.get(SCHEDULE, id), `Schedule ${id}`)
      changes.remove(SCHEDULE, id)
    })
  }

  #next(of: Pick<ToldSchedule, 'cron_expression' | 'enabled'>): string | null {
    const next = nextCron(of.cron_expression, this.#parts.clock.now())
    return of.enabled ? new Date(next).toISOString() : null
  }

  async #requireKnown(frameworks: readonly string[]): Promise<void> {
    for (const framework of frameworks) await this.#parts.compliance.framework(framework)
  }
}
