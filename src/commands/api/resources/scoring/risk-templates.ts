import * as z from 'zod'
import { Fault } from '../../../../base/fault.ts'
import { rowId } from '../../../../domain/governance/ids.ts'
import {
  riskTemplateProblems,
  type RiskTemplate,
} from '../../../../domain/governance/scoring/risk-templates.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'
import { fields, paged, Score, someText, text } from '../../inputs.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import { changeRow, deleteRow, type RowKind } from '../../rows.ts'

const TEMPLATES = {
  path: '/scoring/risk-templates',
  kind: 'risk_template',
  what: 'Risk template',
} as const satisfies RowKind

const Rules = () =>
  z.array(fields({ condition: someText(500), add: z.number().min(-100).max(100) })).max(100)

const TEMPLATE = () => ({
  name: someText(200).optional(),
  description: text(2000).optional(),
  action_type: text(128).optional(),
  base_risk: Score.optional(),
  rules: Rules().optional(),
  status: z.enum(['active', 'archived', 'inactive', 'draft']).optional(),
})

/** Fault `input.invalid` for rules that cannot be read. */
function requireReadable(rules: RiskTemplate['rules']): void {
  const problems = riskTemplateProblems(rules)
  if (problems.length > 0) throw new Fault('input.invalid', problems.join('; '))
}

/** Templates of risk: a base, and what conditions add. */
export const riskTemplateEndpoints: readonly Endpoint[] = [
  endpoint('POST /scoring/risk-templates', {
    about: 'Makes a risk template.',
    status: 201,
    input: () => fields({ ...TEMPLATE(), name: someText(200) }),
    run: ({ records }, given, caller) => {
      const { rules = [] } = given
      requireReadable(rules)
      return records.write(recordAuthorOf(caller, undefined), (changes) => {
        const row = {
          id: rowId('rt'),
          org_id: caller.tenant.org,
          name: given.name,
          description: given.description ?? null,
          action_type: given.action_type ?? null,
          base_risk: given.base_risk ?? 0,
          rules,
          status: given.status ?? 'active',
          created_at: changes.now,
          updated_at: changes.now,
        }
        changes.make(TEMPLATES.kind, row.id, row)
        return row
      })
    },
  }),
  endpoint('GET /scoring/risk-templates', {
    about: 'Risk templates.',
    input: () =>
      fields({
        action_type: text(128).optional(),
        status: text(32).optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, { action_type: type, ...page }, { tenant: { org } }) => ({
      templates: records.find(org, TEMPLATES.kind, { where: { action_type: type }, ...page }),
    }),
  }),
  changeRow(TEMPLATES, {
    shape: TEMPLATE,
    change: (given) => {
      if (given['rules'] !== undefined) requireReadable(given['rules'] as RiskTemplate['rules'])
      return given
    },
  }),
  deleteRow(TEMPLATES),
]
