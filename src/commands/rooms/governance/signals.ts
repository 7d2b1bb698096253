import * as z from 'zod'
import { plain } from '../../../base/text.ts'
import type { ComplianceEvidence } from '../../../domain/governance/compliance/evidence.ts'
import type { ComplianceMap } from '../../../domain/governance/compliance/rules.ts'
import { DEFAULT_ORG } from '../../../domain/governance/orgs/rules.ts'
import type { SignalBoard } from '../../../domain/governance/signals/board.ts'
import { signalNoun } from '../../../domain/governance/signals/noun.ts'
import type { DeskSignal } from '../../../domain/governance/signals/types.ts'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { Nothing } from '../../inputs.ts'
import type { Room } from '../../room.ts'
import { signalList } from './signal-list.ts'

declare module '../../deck.ts' {
  interface RecordServices {
    signalBoard: SignalBoard
  }
}

/** How an organisation's policies cover a framework, and what proves it. */
interface CoverageReport {
  map: ComplianceMap
  evidence: ComplianceEvidence
}

function signalText(signals: readonly DeskSignal[]): string {
  const lines = signals.flatMap(({ severity, label, detail, help, agent }) => [
    `${severity === 'red' ? '✕ red  ' : '! amber'}  ${plain(label, 100)}${agent === '' ? '' : `  ${plain(agent, 64)}`}`,
    `           ${plain(detail, 200)}`,
    `           → ${plain(help, 200)}`,
  ])
  return lines.join('\n') || 'No signals: nothing needs a look'
}

const STATUS_MARKS = { covered: '✓', partial: '◐', gap: '✗' } as const

function coverageText({ map, evidence }: CoverageReport): string {
  const { summary, controls, framework, framework_version: version } = map
  const { evidence: seen, window_days: days } = evidence
  return [
    `${framework} ${version}: ${summary.coverage_percentage} % covered, ${summary.gaps} of ${summary.total_controls} controls open`,
    `Evidence of ${days} days: ${seen.guard_decisions_total} decisions, ${seen.guard_decisions_blocked} blocked, ${seen.action_records_total} actions recorded`,
    ...controls.flatMap((control) => [
      `${STATUS_MARKS[control.status]} ${control.control_id.padEnd(13)} ${plain(control.title, 60)}`,
      ...control.matched_policies.map(
        (policy) => `     by ${plain(policy.policy_description, 80)} (${policy.mapping_coverage})`,
      ),
      ...(control.status === 'covered' ? [] : control.gap_recommendations.slice(0, 1)).map(
        (advice) => `     → ${plain(advice, 120)}`,
      ),
    ]),
  ].join('\n')
}

const FRAMEWORK = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be the id of a framework, such as soc2')

/** What people should look at, and what proves that they do. */
export const signalsRoom: Room = {
  nouns: [signalNoun],
  service: async () => ({
    signalBoard: new (await import('../../../domain/governance/signals/board.ts')).SignalBoard(),
  }),
  commands: grouped('Decisions', [
    face(
      act({
        id: 'signal.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: async (deck): Promise<DeskSignal[]> => (await deck.governance()).signalDesk.list(),
        narrow: (signals, sees) => signals.filter(({ agent }) => sees(agent)),
      }),
      {
        title: 'Show signals',
        about: 'deck',
        help: 'Conditions of agents of the governance API that somebody should look at, red ones first, each with what to do next.',
        cli: 'signals',
        example: 'clawdeck signals',
        keys: ['I'],
        list: signalList,
        changedBy: ['ledger.', 'approval.', 'record.'],
        changedAfter: 10_000,
        said: signalText,
      },
    ),
    face(
      act({
        id: 'compliance.show',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            framework: FRAMEWORK.default('soc2'),
            org: z.string().min(1).max(64).default(DEFAULT_ORG.id),
          }),
        run: async (deck, { framework, org }): Promise<CoverageReport> => {
          const { compliance, orgs } = await deck.governance()
          const { id } = orgs.named(org)
          return {
            map: await compliance.map(id, framework),
            evidence: compliance.evidence(id, '30d'),
          }
        },
      }),
      {
        title: 'Show compliance',
        about: 'deck',
        help: 'Which controls of a framework the policies of the governance API cover, by what, and what would close the gaps: soc2, iso27001, gdpr, nist-ai-rmf, imda-agentic.',
        cli: 'compliance [framework]',
        flags: {
          org: { about: `the organisation, by id or slug (${DEFAULT_ORG.slug})`, value: 'org' },
        },
        example: 'clawdeck compliance nist-ai-rmf',
        said: coverageText,
      },
    ),
  ]),
}
