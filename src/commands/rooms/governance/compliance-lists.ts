import { momentText } from '../../../base/text.ts'
import type {
  ControlLine,
  DecisionLine,
  EvidenceLine,
  FrameworkLine,
} from '../../../domain/governance/compliance/types.ts'
import type { CoverageReport } from '../../../domain/governance/compliance/desk.ts'
import type { ControlStatus, CoverageSummary } from '../../../domain/governance/compliance/rules.ts'
import { listing, type CellTone, type ListCell, type OpenedRow } from '../../listing.ts'

interface StatusLook {
  mark: string
  word: string
  tone: CellTone
}

/** How a status is shown, so that nothing is said by colour alone. */
export const CONTROL_LOOKS: Readonly<Record<ControlStatus, StatusLook>> = {
  gap: { mark: '✗', word: 'open', tone: 'bad' },
  partial: { mark: '◐', word: 'in part', tone: 'warn' },
  covered: { mark: '✓', word: 'covered', tone: 'good' },
}

const BAR_CELLS = 12

/** `██████▒▒░░░░`: controls that are covered, covered in part, and open. */
export function coverageBar(
  { covered, partial, total_controls: total }: CoverageSummary,
  cells = BAR_CELLS,
): string {
  if (total === 0) return '░'.repeat(cells)
  const full = Math.floor((covered / total) * cells)
  // What is covered in part is seen, and what is open is too.
  const half = Math.min(cells - full, Math.round((partial / total) * cells))
  const open = cells - full - half
  return '█'.repeat(full) + '▒'.repeat(half) + '░'.repeat(open)
}

function toneOf({ coverage_percentage: percent }: CoverageSummary): CellTone {
  if (percent >= 80) return 'good'
  return percent >= 40 ? 'warn' : 'bad'
}

/** How far each framework is covered. */
export const frameworkList = listing<FrameworkLine>({
  title: 'Compliance',
  about: 'framework',
  paged: false,
  columns: [
    { title: 'FRAMEWORK', cell: ({ name }) => ['strong', name] },
    { title: 'ID', width: 20, cell: ({ id }) => ['dim', id] },
    {
      title: 'COVERED',
      width: BAR_CELLS,
      cell: ({ summary }) => [toneOf(summary), coverageBar(summary)],
    },
    {
      title: '',
      width: 5,
      right: true,
      cell: ({ summary }) => `${summary.coverage_percentage} %`,
    },
    {
      title: 'OPEN',
      width: 8,
      right: true,
      cell: ({ summary: { gaps, total_controls: total } }): ListCell => [
        gaps === 0 ? 'good' : 'text',
        `${gaps} of ${total}`,
      ],
    },
  ],
  none: ['No frameworks are known'],
  opens: ({ id }) => ({ face: 'compliance.show', input: { framework: id } }),
  card: ({ name, version, description, summary, seen }) => [
    ['strong', `${name} ${version}`],
    ['dim', description],
    `${summary.covered} covered, ${summary.partial} in part, ${summary.gaps} open, by the active policies of the API`,
    `In 30 days: ${seen.decisions} decisions, of which ${seen.stopped} blocked, held or warned · ${seen.actions} actions`,
  ],
})

/** The controls of a framework, those that are open first. */
export const controlList = listing<ControlLine>({
  title: 'Compliance',
  of: ({ framework }) => String(framework ?? 'soc2'),
  about: 'control',
  paged: false,
  rows: ({ lines }: CoverageReport) => lines,
  columns: [
    {
      title: 'STATUS',
      width: 9,
      cell: ({ status }) => {
        const { mark, word, tone } = CONTROL_LOOKS[status]
        return [tone, `${mark} ${word}`]
      },
    },
    { title: 'CONTROL', width: 13, cell: ({ control_id: id }) => id },
    { title: 'TITLE', cell: ({ title }) => ['strong', title] },
    {
      title: 'MATTERS',
      width: 8,
      cell: ({ agent_relevance: relevance }) => [
        relevance === 'critical' ? 'warn' : 'dim',
        relevance,
      ],
    },
    {
      title: 'POLICIES',
      width: 8,
      right: true,
      from: 90,
      cell: ({ matched_policies: policies }) => String(policies.length || '–'),
    },
  ],
  none: ['This framework has no controls'],
  opens: ({ id, framework }) => ({
    face: 'compliance.evidence',
    input: { framework, control: id },
  }),
  card: ({ title, category, description, gap_recommendations: advice }) => [
    ['strong', `${title} · ${category}`],
    description,
    ...advice.slice(0, 2).map((text): ListCell => ['info', `→ ${text}`]),
  ],
})

const DECIDED: Readonly<Record<DecisionLine['decision'], readonly [CellTone, string]>> = {
  allow: ['good', '✓ allowed'],
  warn: ['warn', '! warned'],
  require_approval: ['warn', '◐ held'],
  block: ['bad', '✕ blocked'],
}

function whatCell(line: EvidenceLine): ListCell {
  if (line.kind === 'advice') return ['info', '→ to do']
  if (line.kind === 'decision') return DECIDED[line.decision]
  return line.coverage === 'full' ? ['good', '✓ policy'] : ['warn', '◐ policy']
}

function aboutCell(line: EvidenceLine): ListCell {
  if (line.kind === 'advice') return line.text
  if (line.kind === 'policy') return ['strong', line.name]
  return `${line.agent} ${line.goal === '' ? line.type : `${line.type}: ${line.goal}`}`.trimStart()
}

/** A decision leads to its action, or to the policy that took part in it. */
function evidenceOpens(line: EvidenceLine): OpenedRow | undefined {
  if (line.kind === 'advice') return undefined
  const { org } = line
  if (line.kind === 'decision' && line.action !== '')
    return { face: 'ledger.show', input: { id: line.action, org } }
  return { face: 'compliance.policy', input: { id: line.policy, org } }
}

function evidenceCard(line: EvidenceLine): readonly ListCell[] {
  if (line.kind === 'advice') return [['info', line.text]]
  if (line.kind === 'policy')
    return [
      ['strong', line.name],
      line.rationale,
      ['dim', `It covers the control ${line.coverage === 'full' ? 'whole' : 'in part'}`],
    ]
  return [['strong', line.type], line.goal, ['dim', `By the policy ${line.policy}`]]
}

/** What proves that a control is met, and what would close its gap. */
export const evidenceList = listing<EvidenceLine>({
  title: 'Evidence',
  of: ({ framework, control }) => `${String(framework)} ${String(control)}`,
  about: 'evidence',
  paged: false,
  columns: [
    { title: 'WHAT', width: 10, cell: whatCell },
    { title: 'EVIDENCE', cell: aboutCell },
    {
      title: 'WHEN',
      width: 8,
      right: true,
      cell: (line, now) => (line.kind === 'decision' ? ['dim', momentText(line.at, now)] : ''),
    },
  ],
  none: ['Nothing proves this control yet', 'Add a policy over the API that covers it'],
  opens: evidenceOpens,
  card: evidenceCard,
})
