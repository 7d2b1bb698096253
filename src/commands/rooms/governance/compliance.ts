import * as z from 'zod'
import { plain } from '../../../base/text.ts'
import type { CoverageReport } from '../../../domain/governance/compliance/desk.ts'
import type { EvidenceLine, FrameworkLine } from '../../../domain/governance/compliance/types.ts'
import { DEFAULT_ORG } from '../../../domain/governance/orgs/rules.ts'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { Nothing } from '../../inputs.ts'
import type { Room } from '../../room.ts'
import {
  CONTROL_LOOKS,
  controlList,
  coverageBar,
  evidenceList,
  frameworkList,
} from './compliance-lists.ts'

function frameworksText(frameworks: readonly FrameworkLine[]): string {
  return frameworks
    .map(({ id, name, summary }) => {
      const percent = `${String(summary.coverage_percentage).padStart(3)} %`
      const open = `${summary.gaps} of ${summary.total_controls} open`
      return `${coverageBar(summary)} ${percent}  ${open.padEnd(12)}  ${plain(id, 100).padEnd(14)}  ${plain(name, 80)}`
    })
    .join('\n')
}

function coverageText({ map, evidence }: CoverageReport): string {
  const { summary, controls, framework, framework_version: version } = map
  const { evidence: seen, window_days: days } = evidence
  return [
    `${framework} ${version}: ${summary.coverage_percentage} % covered, ${summary.gaps} of ${summary.total_controls} controls open`,
    `Evidence of ${days} days: ${seen.guard_decisions_total} decisions, ${seen.guard_decisions_blocked} blocked, ${seen.action_records_total} actions recorded`,
    ...controls.flatMap((control) => [
      `${CONTROL_LOOKS[control.status].mark} ${control.control_id.padEnd(13)} ${plain(control.title, 60)}`,
      ...control.matched_policies.map(
        (policy) => `     by ${plain(policy.policy_description, 80)} (${policy.mapping_coverage})`,
      ),
      ...(control.status === 'covered' ? [] : control.gap_recommendations.slice(0, 1)).map(
        (advice) => `     → ${plain(advice, 120)}`,
      ),
    ]),
  ].join('\n')
}

function evidenceLine(line: EvidenceLine): string {
  if (line.kind === 'advice') return `→ ${plain(line.text, 200)}`
  if (line.kind === 'policy')
    return `policy    ${plain(line.name, 80)} (${line.coverage})  ${line.policy}`
  const at = new Date(line.at).toISOString().slice(0, 19).replace('T', ' ')
  const what = `${plain(line.type, 40)} ${plain(line.goal, 80)}`
  return `decision  ${at}  ${line.decision}  ${plain(line.agent, 64)}  ${what}  ${line.action}`
}

/** `soc2`, or `soc2@acme` for another organisation. */
const Framework = z
  .string()
  .regex(
    /^[a-z0-9-]{1,32}(@[a-z0-9-]{1,64})?$/,
    'must be the id of a framework, such as soc2 or soc2@acme',
  )
const Id = z.string().min(1).max(128)
const OrgId = z.string().min(1).max(64)

/** What proves that people look after agents: frameworks, their controls, evidence of each. */
export const complianceRoom: Room = {
  nouns: [],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'compliance.frameworks',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: async (deck) => (await deck.governance()).complianceDesk.frameworks(),
      }),
      {
        title: 'Show compliance',
        about: 'deck',
        help: 'How far the policies of the governance API cover each framework, the least covered first: soc2, iso27001, gdpr, nist-ai-rmf, imda-agentic.',
        cli: 'compliance frameworks',
        example: 'clawdeck compliance frameworks',
        keys: ['C'],
        list: frameworkList,
        changedBy: ['record.'],
        said: frameworksText,
      },
    ),
    face(
      act({
        id: 'compliance.show',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            framework: Framework.default('soc2'),
            org: OrgId.default(DEFAULT_ORG.id),
          }),
        run: async (deck, { framework, org }): Promise<CoverageReport> =>
          (await deck.governance()).complianceDesk.report(framework, org),
      }),
      {
        title: 'Controls of a framework',
        about: 'deck',
        help: 'Which controls of a framework the policies of the governance API cover, by what, and what would close the gaps.',
        cli: 'compliance [framework]',
        flags: {
          org: { about: `the organisation, by id or slug (${DEFAULT_ORG.slug})`, value: 'org' },
        },
        example: 'clawdeck compliance nist-ai-rmf',
        hidden: true,
        list: controlList,
        changedBy: ['record.'],
        said: coverageText,
      },
    ),
    face(
      act({
        id: 'compliance.evidence',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ framework: Framework, control: Id }),
        run: async (deck, { framework, control }) =>
          (await deck.governance()).complianceDesk.evidence(framework, control),
      }),
      {
        title: 'Evidence of a control',
        about: 'deck',
        help: 'What closes the gap of a control, the policies that cover it, and their latest decisions.',
        cli: 'compliance evidence <framework> <control>',
        example: 'clawdeck compliance evidence soc2 CC6.1',
        hidden: true,
        list: evidenceList,
        changedBy: ['record.', 'ledger.'],
        said: (lines) => lines.map(evidenceLine).join('\n'),
      },
    ),
    face(
      act({
        id: 'compliance.policy',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ id: Id, org: OrgId.optional() }),
        run: async (deck, { id, org }) => (await deck.governance()).complianceDesk.policy(id, org),
      }),
      {
        title: 'Policy of the API',
        about: 'deck',
        help: 'A policy that was written over the governance API, and its latest decisions.',
        cli: 'compliance policy <id>',
        flags: { org: { about: 'its organisation', value: 'id' } },
        example: 'clawdeck compliance policy pol_4c9d…',
        hidden: true,
        changedBy: ['record.'],
        answer: 'api-policy',
      },
    ),
    face(
      act({
        id: 'compliance.export',
        needs: 'operate',
        audit: 'intent',
        input: () =>
          z.strictObject({
            framework: Framework,
            path: z.string().min(1).max(4096),
            format: z.enum(['md', 'json']).default('md'),
          }),
        run: async (deck, asked, { actor }) =>
          (await deck.governance()).complianceDesk.export(asked, actor),
      }),
      {
        title: 'Export a compliance report',
        about: 'framework',
        help: 'Write coverage, gaps, plan and evidence of a framework to a new file. A snapshot is kept.',
        cli: 'compliance export <framework> <path>',
        flags: { format: { about: 'md (default) or json', value: 'format' } },
        example: 'clawdeck compliance export soc2 soc2.md',
        keys: ['e'],
        hint: 1,
        short: 'export',
        subjectKey: 'framework',
        paths: { path: 'always' },
        said: ({ path, framework, bytes }) =>
          `The report on ${framework} is in ${path} (${bytes} bytes)`,
      },
    ),
  ]),
}
