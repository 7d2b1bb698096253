import { writeFile } from 'node:fs/promises'
import { Fault } from '../../../base/fault.ts'
import { newFileFault } from '../../../journal/export.ts'
import { DEFAULT_ORG } from '../orgs/rules.ts'
import type { Org, OrgService } from '../orgs/types.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { ApiPolicies } from '../policies/service.ts'
import type { RecordStore } from '../records/service.ts'
import { controlsByNeed, decisionsOf, evidenceOf, type DecisionRow } from './desk-rows.ts'
import type { ComplianceEvidence } from './evidence.ts'
import type { ComplianceMap } from './rules.ts'
import type { Compliance } from './service.ts'
import type { ControlLine, EvidenceLine, FrameworkLine, PolicyPage } from './types.ts'

/** So many of the latest decisions are looked through for those of a policy. */
const LOOKED_THROUGH = 500

interface DeskParts {
  compliance: Compliance
  policies: ApiPolicies
  records: RecordStore
  orgs: Pick<OrgService, 'list' | 'named'>
}

/** How an organisation's policies cover a framework, and what proves it. */
export interface CoverageReport {
  map: ComplianceMap
  evidence: ComplianceEvidence
  /** What is open first. */
  lines: ControlLine[]
}

/**
 * Compliance for the people of the deck, who see every organisation. A framework is named `soc2`,
 * or `soc2@acme` for another organisation than the default one.
 */
export class ComplianceDesk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /**
   * How far every organisation with policies covers each framework, the least covered first. The
   * default one is always among them.
   */
  async frameworks(): Promise<FrameworkLine[]> {
    const { compliance, orgs, policies } = this.#parts
    const known = await compliance.frameworks()
    const shown = orgs
      .list()
      .filter(({ id }) => id === DEFAULT_ORG.id || policies.list(id).length > 0)
    const lines = await Promise.all(
      shown.flatMap((org) => {
        const { evidence } = compliance.evidence(org.id, '30d')
        return known.map(async ({ id, name, version, description }): Promise<FrameworkLine> => {
          const { summary } = await compliance.map(org.id, id)
          const { guard_decisions_total: decisions, action_records_total: actions } = evidence
          const stopped = evidence.guard_decisions_blocked + evidence.approval_requests
          const seen = { decisions, stopped, actions }
          return { id: nameOf(id, org), org: org.id, name, version, description, summary, seen }
        })
      }),
    )
    const isOther = ({ org }: FrameworkLine) => Number(org !== DEFAULT_ORG.id)
    const covered = ({ summary }: FrameworkLine) => summary.coverage_percentage
    return lines.toSorted((a, b) => isOther(a) - isOther(b) || covered(a) - covered(b))
  }

  /** Faults: `input.invalid`, `not.found` */
  async report(name: string, orgId?: string): Promise<CoverageReport> {
    const { org, framework } = this.#named(name, orgId)
    const { compliance } = this.#parts
    const map = await compliance.map(org.id, framework)
    const lines = controlsByNeed(map.controls).map((control) => ({
      ...control,
      id: control.control_id,
      framework: nameOf(framework, org),
    }))
    return { map, evidence: compliance.evidence(org.id, '30d'), lines }
  }

  /** What proves that a control is met, and what would close its gap. Fault `not.found` */
  async evidence(name: string, id: string): Promise<EvidenceLine[]> {
    const { org, framework } = this.#named(name)
    const { controls } = await this.#parts.compliance.map(org.id, framework)
    const control = controls.find(({ control_id: one }) => one === id)
    if (control === undefined)
      throw new Fault('not.found', `${name} has no control ${id}`, {
        hint: `clawdeck compliance ${name} shows them.`,
      })
    const policies = new Set(control.matched_policies.map(({ policy_id: policy }) => policy))
    const decisions = policies.size === 0 ? [] : this.#latest(org.id)
    return [
      ...evidenceOf(control, org.id),
      ...decisionsOf(decisions, policies, (agent) => apiAgentName(org.slug, agent)),
    ]
  }

  /** A policy of the API, and its latest decisions. Fault `not.found` */
  policy(id: string, of?: string): PolicyPage {
    const { policies, orgs } = this.#parts
    for (const org of orgs.list()) {
      const policy =
        of === undefined || of === org.id
          ? policies.list(org.id).find((one) => one.id === id)
          : undefined
      if (policy === undefined) continue
      const latest = decisionsOf(this.#latest(org.id), new Set([id]), (agent) =>
        apiAgentName(org.slug, agent),
      )
      return { policy: { ...policy, rules: JSON.parse(policy.rules) as unknown }, latest }
    }
    throw new Fault('not.found', `there is no policy ${id} of the API`)
  }

  /** Writes a report to a new file. Faults: `name.taken`, `not.possible`, `not.found` */
  async export(
    { framework: name, path, format }: { framework: string; path: string; format: 'md' | 'json' },
    actor: string,
  ): Promise<{ path: string; framework: string; bytes: number }> {
    const { org, framework } = this.#named(name)
    const text = await this.#parts.compliance.reportText({ org: org.id, actor }, framework, format)
    await writeFile(path, text, { flag: 'wx', mode: 0o600 }).catch((thrown: unknown) => {
      throw newFileFault(thrown, path)
    })
    return { path, framework: name, bytes: Buffer.byteLength(text) }
  }

  #latest(org: string): DecisionRow[] {
    return this.#parts.records.find<DecisionRow>(org, 'guard_decision', { limit: LOOKED_THROUGH })
  }

  #named(name: string, orgId?: string): { org: Org; framework: string } {
    const [framework = '', slug] = name.split('@')
    return { org: this.#parts.orgs.named(slug ?? orgId ?? DEFAULT_ORG.id), framework }
  }
}

function nameOf(framework: string, { id, slug }: Org): string {
  return id === DEFAULT_ORG.id ? framework : `${framework}@${slug}`
}
