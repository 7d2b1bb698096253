import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { ComplianceFramework } from '../../../config/frameworks.ts'
import { decidedInDays } from '../guard/totals.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { OrgService } from '../orgs/types.ts'
import type { ApiPolicies, PolicyAuthor } from '../policies/service.ts'
import type { RecordStore } from '../records/service.ts'
import { DAY, HOUR, utcDate } from '../times.ts'
import type { LedgerStatus } from '../types.ts'
import { complianceEvidence, windowDays, type ComplianceEvidence } from './evidence.ts'
import { gapAnalysis, type GapAnalysis } from './gaps.ts'
import { complianceReport, type ReportParts } from './report.ts'
import { complianceMap, type ComplianceMap, type CoverageSummary } from './rules.ts'
import { coverageTrend, type CoverageSnapshot, type CoverageTrend } from './trends.ts'

interface ComplianceContext {
  records: RecordStore
  actions: Pick<LedgerReader, 'totalsOfDates'>
  policies: Pick<ApiPolicies, 'judged'>
  orgs: Pick<OrgService, 'get'>
  frameworks: () => Promise<readonly ComplianceFramework[]>
  clock: Clock
}

/** How much a framework was covered when a report on it was made. */
interface StoredSnapshot extends CoverageSnapshot, CoverageSummary {
  id: string
  org_id: string
}

/** What is in a report besides the controls. */
export interface ReportWishes {
  windowDays: number
  evidence: boolean
  remediation: boolean
  trends: boolean
}

const SNAPSHOT = 'compliance_snapshot'
/** A report that finds what the one before found is a snapshot of its own only after this long. */
const SAME_FOR_MS = HOUR
const MOST_TRENDS = 50

/** What the policies of an organisation cover of frameworks, and what proves that they hold. */
export class Compliance {
  readonly #context: ComplianceContext

  constructor(context: ComplianceContext) {
    this.#context = context
  }

  frameworks(): Promise<readonly ComplianceFramework[]> {
    return this.#context.frameworks()
  }

  /** Fault `input.invalid` for a framework that there is not. */
  async framework(id: string): Promise<ComplianceFramework> {
    const all = await this.frameworks()
    const found = all.find((one) => one.id === id)
    if (found !== undefined) return found
    const known = all.map((one) => one.id).join(', ')
    throw new Fault('input.invalid', `framework must be one of ${known}`)
  }

  async map(org: string, framework: string): Promise<ComplianceMap> {
    const { policies, orgs } = this.#context
    const found = await this.framework(framework)
    const request = { project: orgs.get(org).name, at: this.#now() }
    return complianceMap(found, policies.judged(org), request)
  }

  async gaps(org: string, framework: string): Promise<GapAnalysis> {
    return gapAnalysis(await this.map(org, framework))
  }

  /** What a window such as `30d` shows: whole UTC days, today and those before it. */
  evidence(org: string, window: string | null): ComplianceEvidence {
    const { records, clock } = this.#context
    const days = windowDays(window)
    const until = clock.now()
    const decisions = decidedInDays(records, org, { until, days })
    return complianceEvidence(
      window,
      { decisions, actions: this.#actionsIn(org, { until, days }) },
      this.#now(),
    )
  }

  /** The parts of a report on a framework, and the snapshot that it is. */
  async report(
    author: PolicyAuthor,
    framework: string,
    wishes: ReportWishes,
  ): Promise<ReportParts> {
    const { org } = author
    const { name } = await this.framework(framework)
    const map = await this.map(org, framework)
    await this.#keep(author, map)
    return {
      name,
      map,
      gaps: gapAnalysis(map),
      evidence: wishes.evidence ? this.evidence(org, `${wishes.windowDays}d`) : undefined,
      remediation: wishes.remediation,
      trends: wishes.trends ? this.trendOf(org, framework, MOST_TRENDS) : undefined,
    }
  }

  /** The same as text. */
  async reportText(
    author: PolicyAuthor,
    framework: string,
    format: 'json' | 'md',
  ): Promise<string> {
    const wishes = { windowDays: 30, evidence: true, remediation: true, trends: false }
    return complianceReport(await this.report(author, framework, wishes), format)
  }

  /** How coverage changed from snapshot to snapshot, the oldest first. */
  trendOf(org: string, framework: string, limit: number): CoverageTrend[] {
    // One more, so that the first of them has something to be compared with.
    const found = this.#context.records.find<StoredSnapshot>(org, SNAPSHOT, {
      where: { framework },
      limit: limit + 1,
    })
    return coverageTrend(found.toReversed(), framework).slice(-limit)
  }

  #now(): string {
    return new Date(this.#context.clock.now()).toISOString()
  }

  #actionsIn(
    org: string,
    { until, days }: { until: number; days: number },
  ): Partial<Record<LedgerStatus, number>> {
    const sum: Partial<Record<LedgerStatus, number>> = {}
    const dates = Array.from({ length: days }, (_, i) => utcDate(until - i * DAY))
    for (const totals of this.#context.actions.totalsOfDates(org, dates)) {
      for (const [status, { count }] of Object.entries(totals))
        if (count > 0) sum[status as LedgerStatus] = (sum[status as LedgerStatus] ?? 0) + count
    }
    return sum
  }

  #keep({ org, actor }: PolicyAuthor, { framework, generated_at, summary }: ComplianceMap) {
    return this.#context.records.write({ org, actor, subject: '' }, (changes) => {
      const [latest] = changes.find<StoredSnapshot>(SNAPSHOT, { where: { framework }, limit: 1 })
      const isSame =
        latest !== undefined &&
        Object.entries(summary).every(
          ([key, value]) => latest[key as keyof typeof summary] === value,
        )
      if (isSame && Date.parse(generated_at) - Date.parse(latest.generated_at) < SAME_FOR_MS) return
      const id = `cs_${randomBytes(12).toString('hex')}`
      const snapshot: StoredSnapshot = { id, org_id: org, framework, generated_at, ...summary }
      changes.make(SNAPSHOT, id, snapshot)
    })
  }
}
