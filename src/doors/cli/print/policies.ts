import { ago, plain } from '../../../base/text.ts'
import { namedPeopleText, peopleRule } from '../../../domain/operators/people/rules.ts'
import type { OperatorPolicy, PolicyService, PolicyRow } from '../../../domain/policy/types.ts'
import type {
  BoundPattern,
  Explanation,
  Templates,
  TemplateSummary,
} from '../../../domain/templates/types.ts'
import type { EgressOverview } from '../../../domain/egress/types.ts'
import { egressParts } from '../../text/egress.ts'
import { leaseTable } from '../../../commands/rooms/leases.ts'
import { facts, table, type Paint } from '../terminal.ts'
import { reasonList, riskCell, riskFactors } from './approvals.ts'
import {
  bullets,
  DECISION_TONES,
  safeLines,
  tableText,
  wrapped,
  type Page,
  type Printers,
} from './page.ts'

type Answer<F extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>

function covers(policy: OperatorPolicy): string {
  const { type, target, pattern, options, agent, template, riskAtLeast, riskAtMost } = policy
  const rule = peopleRule(policy)
  const parts = [
    type,
    target,
    pattern && `/${plain(pattern, 48)}/`,
    options && 'any option',
    agent && `agent ${agent}`,
    template && `template ${template}`,
    riskAtLeast === undefined ? undefined : `risk ≥ ${riskAtLeast}`,
    riskAtMost === undefined ? undefined : `risk ≤ ${riskAtMost}`,
    rule && namedPeopleText(rule),
  ]
  return parts.filter((part) => part !== undefined && part !== '').join(' · ') || 'everything'
}

const INDENT = ' '.repeat(7)

/** A policy in two or three lines: its effect, what it covers, and its reason. */
function policyLines(p: PolicyRow, { paint, now }: Page): string {
  const effect = paint(DECISION_TONES[p.effect], p.effect.padEnd(5))
  const used = p.uses === 0 ? 'unused' : `${p.uses}×, last ${ago(p.lastUsedAt, now)}`
  const head = `${effect}  ${paint('strong', plain(p.id, 100))}  ${paint('dim', used)}\n`
  const reason =
    p.reason === undefined ? '' : paint('dim', wrapped(`${INDENT}${plain(p.reason, 500)}`, INDENT))
  return `${head}${wrapped(`${INDENT}${covers(p)}`, INDENT)}${reason}`
}

function policies(
  { policies: all, file, leases, tooFew }: Answer<PolicyService['list']>,
  page: Page,
): string {
  const warning = `The previous policies stay in force: ${plain(file.problem ?? '', 1000)}`
  const problem = file.problem === null ? '' : `${page.paint('bad', warning)}\n`
  const nobody = tooFew.map(
    (text) => `${page.paint('bad', `Nobody can allow this now: ${plain(text, 500)}`)}\n`,
  )
  const list =
    all.length === 0
      ? `There are no policies. They are read from ${plain(file.path)}\n`
      : all.map((p) => policyLines(p, page)).join('')
  return `${problem}${nobody.join('')}${list}${leases.length === 0 ? '' : `\n${tableText(leaseTable, leases, page)}`}`
}

function lock(
  { template, lock: signed, spec }: Answer<PolicyService['show']>,
  { paint }: Page,
): string {
  const { guard } = signed
  const { memoryMiB, cpus, pids } = spec.limits
  return (
    facts(paint, [
      ['agent', signed.agent],
      ['template', template.name],
      ['backend', signed.backend],
      ['signed by', signed.keyId],
      ['locked', signed.createdAt],
      ['template hash', signed.templateHash],
      ['spec hash', signed.specHash],
      ['openclaw hash', signed.openclawHash],
      ['image', `${spec.image} ${signed.imageDigest}`],
      ['limits', `${memoryMiB} MiB, ${cpus} CPUs, ${pids} processes`],
      ['network', spec.network],
      ['action types', guard.types.join(', ')],
      ['auto-approve limit', `risk ${guard.maxAutoRisk}`],
      ['gated', signed.gated.join(', ') || undefined],
    ]) +
    bounds(paint, 'always blocked', guard.block) +
    bounds(paint, 'always needs approval', guard.ask) +
    bounds(paint, 'allowed without approval', guard.allow)
  )
}

function bounds(paint: Paint, heading: string, patterns: readonly BoundPattern[]): string {
  const lines = patterns.map(({ type, target, reason }) => {
    const why = reason === undefined ? '' : paint('dim', `  ${plain(reason)}`)
    return `${plain(type)}  ${plain(target)}${why}`
  })
  return bullets(paint, heading, lines)
}

function explanation(
  { agent, can, asks, cannot, notEnforced }: Explanation,
  { paint }: Page,
): string {
  const parts: [heading: string, lines: string[]][] = [
    ['can', can],
    ['needs approval', asks],
    ['cannot', cannot],
    ['not enforced here', notEnforced],
  ]
  const lists = parts.map(([heading, lines]) =>
    bullets(
      paint,
      heading,
      lines.map((line) => plain(line, 1000)),
    ),
  )
  return `${paint('strong', plain(agent))}\n${lists.join('')}`
}

function drift(
  { agent, ok, drift: found }: Answer<PolicyService['validate']>,
  { paint }: Page,
): string {
  if (ok) return `${paint('good', '✓')} ${plain(agent)} is what was locked and signed\n`
  const differences = table(
    paint,
    ['WHAT', 'LOCKED', 'NOW'],
    found.map((d) => [d.what, d.from, d.to]),
    '',
  )
  const hint = `Undo the change, or accept it: clawdeck start ${plain(agent)} --force\n`
  return `${paint('bad', '✗')} ${plain(agent)} has drifted\n${differences}${hint}`
}

function policyTest(answer: Answer<PolicyService['test']>, { paint }: Page): string {
  const { decision, action, risk, reasons } = answer
  return (
    facts(paint, [
      ['decision', { text: decision, tone: DECISION_TONES[decision] }],
      ['type', action.type],
      ['what', action.target],
      ['risk', riskCell(risk.score)],
      ['factors', riskFactors(risk) || undefined],
    ]) + reasonList(paint, reasons)
  )
}

function templates(all: readonly TemplateSummary[], { paint }: Page): string {
  const rows = all.map((t) => [
    t.name,
    t.origin,
    t.problem === undefined ? t.description : { text: t.problem, tone: 'bad' as const },
  ])
  return table(paint, ['TEMPLATE', 'ORIGIN', 'DESCRIPTION'], rows, 'There are no templates.')
}

function template({ path, text }: Answer<Templates['show']>, { paint }: Page): string {
  return `${paint('dim', `# ${plain(path)}`)}\n${safeLines(text)}\n`
}

function egress(overview: EgressOverview, { paint, now }: Page): string {
  const parts = egressParts(overview, now)
  const shown = parts.filter(({ rows }) => rows.length > 0)
  if (shown.length === 0) return 'Nothing left a pod, and no rule lets anything out.\n'
  return shown
    .map(
      ({ heading, titles, rows }) =>
        `${paint('strong', heading)}\n${table(paint, titles, rows, '')}`,
    )
    .join('\n')
}

export const policyPrinters = {
  templates,
  template,
  lock,
  explanation,
  egress,
  drift,
  policies,
  'policy-test': policyTest,
  policy: (policy: OperatorPolicy) =>
    `${plain(policy.id)}: ${policy.effect} ${plain(covers(policy))}\n`,
} satisfies Partial<Printers>
