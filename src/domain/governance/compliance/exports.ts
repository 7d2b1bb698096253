import { randomBytes } from 'node:crypto'
import { Fault } from '../../../base/fault.ts'
import type { PolicyAuthor } from '../policies/service.ts'
import type { RecordChanges, RecordStore } from '../records/service.ts'
import { required } from '../refusals.ts'
import { complianceExport } from './report.ts'
import type { Compliance } from './service.ts'

export const EXPORT_FORMATS = ['markdown', 'md', 'json'] as const

/** What an export is to hold. */
export interface ExportTerms {
  name: string
  frameworks: readonly string[]
  format: (typeof EXPORT_FORMATS)[number]
  window_days: number
  include_evidence: boolean
  include_remediation: boolean
  include_trends: boolean
}

/** An export as lists show it. Its document is a record of its own. */
export interface StoredExport extends ExportTerms {
  id: string
  org_id: string
  status: 'completed'
  size_bytes: number
  /** The schedule that made it; null for one that was asked for. */
  schedule_id: string | null
  created_by: string
  created_at: string
}

/** The terms alone, of what holds more. */
export function exportTermsOf(of: ExportTerms): ExportTerms {
  const { name, frameworks, format, window_days } = of
  const { include_evidence, include_remediation, include_trends } = of
  const parts = { include_evidence, include_remediation, include_trends }
  return { name, frameworks, format, window_days, ...parts }
}

const KIND = 'compliance_export'
const DOCUMENT = 'compliance_document'
/** Exports that are kept: those that an organisation asked for, and those of one schedule. */
const MOST = 200
const MOST_OF_SCHEDULE = 30

/** Reports on frameworks as they were at a time, kept to be read later. */
export class ComplianceExports {
  readonly #records: RecordStore
  readonly #compliance: Compliance

  constructor(records: RecordStore, compliance: Compliance) {
    this.#records = records
    this.#compliance = compliance
  }

  /** Faults: `input.invalid` for an unknown framework, `not.possible` for too many exports. */
  async make(author: PolicyAuthor, terms: ExportTerms): Promise<StoredExport> {
    const content = await this.#document(author, terms)
    return this.#records.write({ ...author, subject: '' }, (changes) => {
      if (this.#records.count(author.org, KIND, { where: { schedule_id: '' } }) >= MOST)
        throw new Fault(
          'not.possible',
          `an organisation keeps at most ${MOST} exports that were asked for`,
          {
            hint: 'Delete some of them.',
          },
        )
      return made(changes, author, { terms, content, schedule: null })
    })
  }

  /**
   * Makes one for a schedule, in place of its oldest where there are many. `wanted` says whether it
   * still is, and what is written down with it.
   */
  async makeFor(
    author: PolicyAuthor,
    { id, terms }: { id: string; terms: ExportTerms },
    wanted: (changes: RecordChanges) => ((made: StoredExport) => void) | undefined,
  ): Promise<void> {
    const content = await this.#document(author, terms)
    await this.#records.write({ ...author, subject: '' }, (changes) => {
      const done = wanted(changes)
      if (done === undefined) return
      const own = changes.find<StoredExport>(KIND, { where: { schedule_id: id }, limit: MOST })
      for (const old of own.slice(MOST_OF_SCHEDULE - 1)) drop(changes, old.id)
      done(made(changes, author, { terms, content, schedule: id }))
    })
  }

  /** The newest first. */
  list(org: string, page: { limit: number; offset: number }): StoredExport[] {
    return this.#records.find<StoredExport>(org, KIND, page)
  }

  /** An export with its document. Fault `not.found`. */
  get(org: string, id: string): StoredExport & { content: string } {
    const found = required(this.#records.get<StoredExport>(org, KIND, id), `Export ${id}`)
    const document = this.#records.get<{ content: string }>(org, DOCUMENT, id)
    return { ...found, content: document?.content ?? '' }
  }

  /** Fault `not.found`. */
  remove(author: PolicyAuthor, id: string): Promise<void> {
    return this.#records.write({ ...author, subject: '' }, (changes) => {
      required(changes.get(KIND, id), `Export ${id}`)
      drop(changes, id)
    })
  }

  async #document(author: PolicyAuthor, terms: ExportTerms): Promise<string> {
    const wishes = {
      windowDays: terms.window_days,
      evidence: terms.include_evidence,
      remediation: terms.include_remediation,
      trends: terms.include_trends,
    }
    const reports = []
    for (const framework of terms.frameworks)
      reports.push(await this.#compliance.report(author, framework, wishes))
    return complianceExport(reports, terms.format === 'json' ? 'json' : 'md')
  }
}

function made(
  changes: RecordChanges,
  { org, actor }: PolicyAuthor,
  { terms, content, schedule }: { terms: ExportTerms; content: string; schedule: string | null },
): StoredExport {
  const stored: StoredExport = {
    id: `ce_${randomBytes(12).toString('hex')}`,
    org_id: org,
    ...terms,
    status: 'completed',
    size_bytes: Buffer.byteLength(content),
    schedule_id: schedule,
    created_by: actor,
    created_at: changes.now,
  }
  changes.make(KIND, stored.id, stored)
  changes.make(DOCUMENT, stored.id, { content })
  return stored
}

function drop(changes: RecordChanges, id: string): void {
  changes.remove(KIND, id)
  changes.remove(DOCUMENT, id)
}
