import { ago, plain } from '../../../base/text.ts'
import type { OperatorPolicy, PolicyRow, Policies } from '../../../domain/policy/types.ts'
import type { Explanation, TemplateSummary, Templates } from '../../../domain/templates/types.ts'
import { facts, table } from '../terminal.ts'
import { factors, reasons, risk } from './approvals.ts'
import { leaseTable } from '../../../commands/leases.ts'
import { bullets, tableText, wrapped, type Page, type Printers } from './page.ts'

type Answer<F extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>

function covers(policy: OperatorPolicy): string {
  const { type, target, pattern, agent, template, riskAtLeast, riskAtMost } = policy
  const parts = [
    type,
    target,
    pattern && `/${plain(pattern, 48)}/`,
    agent && `agent ${agent}`,
    template && `template ${template}`,
    riskAtLeast === undefined ? undefined : `risk ≥ ${riskAtLeast}`,
    riskAtMost === undefined ? undefined : `risk ≤ ${riskAtMost}`,
  ]
  return parts.filter((part) => part !== undefined && part !== '').join(' · ') || 'everything'
}

/** A policy in two lines or three: what it answers, about what, and why. */
function listed(p: PolicyRow, { paint, now }: Page): string {
  const effect = paint(
    p.effect === 'block' ? 'bad' : p.effect === 'allow' ? 'good' : 'careful',
    p.effect.padEnd(5),
  )
  const used = p.uses === 0 ? 'unused' : `${p.uses}×, last ${ago(p.lastUsedAt, now)}`
  return `${effect}  ${paint('strong', plain(p.id, 100))}  ${paint('dim', used)}\n${wrapped(`       ${covers(p)}`, '       ')}${p.reason === undefined ? '' : paint('dim', wrapped(`       ${plain(p.reason, 500)}`, '       '))}`
}

function list({ policies, file, leases: granted }: Answer<Policies['list']>, page: Page): string {
  const problem =
    file.problem === null
      ? ''
      : `${page.paint('bad', `The last good policies are in force: ${plain(file.problem, 1000)}`)}\n`
  return `${problem}${policies.length === 0 ? `No policies of yours. They live in ${plain(file.path)}\n` : policies.map((p) => listed(p, page)).join('')}${granted.length === 0 ? '' : `\n${tableText(leaseTable, granted, page)}`}`
}

function show({ template, lock, spec }: Answer<Policies['show']>, { paint }: Page): string {
  const bounds = (what: 'block' | 'ask' | 'allow'): string[] =>
    lock.guard[what].map(
      (b) =>
        `${plain(b.type)}  ${plain(b.target)}${b.reason === undefined ? '' : paint('dim', `  ${plain(b.reason)}`)}`,
    )
  return (
    facts(paint, [
      ['agent', lock.agent],
      ['template', template.name],
      ['backend', lock.backend],
      ['signed by', lock.keyId],
      ['locked', lock.createdAt],
      ['template hash', lock.templateHash],
      ['spec hash', lock.specHash],
      ['openclaw hash', lock.openclawHash],
      ['image', `${spec.image} ${lock.imageDigest}`],
      [
        'limits',
        `${spec.limits.memoryMiB} MiB, ${spec.limits.cpus} CPUs, ${spec.limits.pids} processes`,
      ],
      ['network', spec.network],
      ['may ask', lock.guard.types.join(', ')],
      ['never alone above', `risk ${lock.guard.maxAutoRisk}`],
      ['gated', lock.gated.join(', ') || undefined],
    ]) +
    bullets(paint, 'always blocked', bounds('block')) +
    bullets(paint, 'always asks a person', bounds('ask')) +
    bullets(paint, 'allowed without asking', bounds('allow'))
  )
}

function explained(
  { agent, can, asks, cannot, notEnforced }: Explanation,
  { paint }: Page,
): string {
  const part = (heading: string, lines: string[]): string =>
    bullets(
      paint,
      heading,
      lines.map((line) => plain(line, 1000)),
    )
  return `${paint('strong', plain(agent))}\n${part('can', can)}${part('asks first', asks)}${part('cannot', cannot)}${part('not enforced here', notEnforced)}`
}

function validated({ agent, ok, drift }: Answer<Policies['validate']>, { paint }: Page): string {
  if (ok) return `${paint('good', '✓')} ${plain(agent)} is what was locked and signed\n`
  return `${paint('bad', '✗')} ${plain(agent)} has drifted\n${table(
    paint,
    ['WHAT', 'LOCKED', 'IS'],
    drift.map((d) => [d.what, d.from, d.to]),
    '',
  )}Put it back, or accept it: clawdeck start ${plain(agent)} --force\n`
}

function tested(answer: Answer<Policies['test']>, { paint }: Page): string {
  const tone =
    answer.decision === 'block' ? 'bad' : answer.decision === 'allow' ? 'good' : 'careful'
  return (
    facts(paint, [
      ['decision', { text: answer.decision, tone }],
      ['type', answer.action.type],
      ['what', answer.action.target],
      ['risk', risk(answer.risk.score)],
      ['factors', factors(answer.risk) || undefined],
    ]) + reasons(paint, answer.reasons)
  )
}

function templates(all: readonly TemplateSummary[], { paint }: Page): string {
  const rows = all.map((t) => [
    t.name,
    t.origin,
    t.problem === undefined ? t.description : { text: t.problem, tone: 'bad' as const },
  ])
  return table(paint, ['TEMPLATE', 'ORIGIN', 'WHAT IT IS'], rows, 'There are no templates.')
}

function template({ path, text }: Answer<Templates['show']>, { paint }: Page): string {
  return `${paint('dim', `# ${plain(path)}`)}\n${text
    .split('\n')
    .map((line) => plain(line))
    .join('\n')
    .trimEnd()}\n`
}

export const policyPrinters = {
  templates: templates,
  template: template,
  lock: show,
  explanation: explained,
  drift: validated,
  policies: list,
  'policy-test': tested,
  policy: (policy: OperatorPolicy) =>
    `${plain(policy.id)}: ${policy.effect} ${plain(covers(policy))}\n`,
} satisfies Partial<Printers>
