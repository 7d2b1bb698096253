import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { recordedInMonth } from '../guard/totals.ts'
import type { RecordStore } from '../records/service.ts'
import type { LedgerReader } from './read.ts'

/** Why an action is not recorded at all, with what clients are told of it besides. */
export class NotAdmitted extends Fault {
  readonly status: 402 | 403
  readonly told: object

  constructor(status: 402 | 403, message: string, told: object) {
    super('refused', message)
    this.status = status
    this.told = told
  }
}

interface AdmissionParts {
  records: RecordStore
  actions: Pick<LedgerReader, 'totals'>
  clock: Clock
  /** Whether only known agents record actions. */
  isClosed: boolean
  /** Actions that an organisation may record in a calendar month; 0 for no limit. */
  perMonth: number
}

/** A client is warned from this part of its quota on. */
const WARN_FROM = 0.8

/** Who may record actions, and how many. */
export class Admission {
  readonly #parts: AdmissionParts

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** Fault `NotAdmitted`. Within the transaction that records it, it counts what came before. */
  require(org: string, agent: string): void {
    const { isClosed, perMonth } = this.#parts
    if (isClosed && !this.#knows(org, agent))
      throw new NotAdmitted(403, 'This agent is not registered: pair it, or register an identity', {
        code: 'AGENT_NOT_REGISTERED',
      })
    const usage = perMonth === 0 ? 0 : this.#usage(org)
    if (perMonth > 0 && usage >= perMonth)
      throw new NotAdmitted(402, `All ${perMonth} actions of this month are recorded`, {
        code: 'QUOTA_EXCEEDED',
        usage,
        limit: perMonth,
      })
  }

  /** What a client reads while it nears its quota; undefined while it does not. */
  warning(org: string): string | undefined {
    const { perMonth } = this.#parts
    if (perMonth === 0) return undefined
    const usage = this.#usage(org)
    return usage < WARN_FROM * perMonth
      ? undefined
      : `${usage} of ${perMonth} actions of this month are recorded`
  }

  #usage(org: string): number {
    const { records, clock } = this.#parts
    return recordedInMonth(records, org, clock.now())
  }

  /** An agent that has an identity, was paired, or acted before. */
  #knows(org: string, agent: string): boolean {
    const { records, actions } = this.#parts
    if (records.get(org, 'identity', agent) !== undefined) return true
    const paired = records.find(org, 'pairing', { agent, status: 'approved', limit: 1 })
    if (paired.length > 0) return true
    return Object.values(actions.totals(org, { agent })).some(({ count }) => count > 0)
  }
}
