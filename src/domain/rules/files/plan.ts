import { canonical } from '../../../base/canonical.ts'
import { count, plain } from '../../../base/text.ts'
import type { Draft } from '../../../journal/types.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import { ruleOf } from '../stored.ts'
import type { KeptRule, RuleOutcome, StoredPlaybook, StoredRule } from '../types.ts'
import { adviceOf } from './advice.ts'
import type { ExistingState } from './existing.ts'
import type { Incoming } from './incoming.ts'
import { isBlanket, tamed } from './untrusted.ts'
import type { ImportInput, ImportReport } from './types.ts'

/** What an import would append, and what to say of it. */
export interface Plan {
  report: ImportReport
  drafts: Draft[]
}

export interface Wanted {
  incoming: Incoming
  input: ImportInput
  actor: string
  now: number
  /** Lines that are not here yet. */ fresh: string[]
  present: ExistingState
  breathe: () => Promise<void>
}

/** Characters of lines in one event. */
const CHUNK = 256 * 1024
const MOST_NAMED = 20

/** What taking files in would change. Changes nothing. */
export async function planImport(wanted: Wanted): Promise<Plan> {
  const { incoming, input, now, present, breathe } = wanted
  const plan: Plan = {
    report: emptyReport(incoming, input),
    drafts: [],
  }
  const advice = adviceOf(incoming, present, now * 1000)
  plan.report.notes.push(...advice.notes)
  const advised = new Set(advice.rules.map(({ rule }) => rule.id))
  for (const [id, { stored, told }] of incoming.rules) {
    if (!advised.has(id)) planRule(plan, stored, { ...wanted, told })
    await breathe()
  }
  for (const stored of advice.rules)
    planRule(plan, stored, {
      ...wanted,
      told: false,
      input: incoming.rules.has(stored.rule.id) ? input : { ...input, replace: true },
    })
  for (const stored of [...incoming.playbooks.values(), ...advice.playbooks])
    planPlaybook(plan, stored, wanted)
  sayWhatIsOdd(plan, wanted)
  const lines = [...wanted.fresh, ...advice.lines]
  plan.report.events = lines.length
  const { made, changed } = plan.report.rules
  if (plan.drafts.length > 0 || lines.length > 0)
    plan.drafts.unshift(
      ...chunked(lines).map((some, i): Draft => ({
        type: 'rules.imported',
        actor: wanted.actor,
        subject: '',
        body: {
          source: plain(incoming.source),
          rules: i === 0 ? made + changed : 0,
          playbooks: i === 0 ? plan.report.playbooks : 0,
          lines: some,
        },
      })),
    )
  return plan
}

function emptyReport(
  { source, found, notes }: Incoming,
  { dryRun = false }: ImportInput,
): ImportReport {
  return {
    source,
    found,
    dryRun,
    rules: { made: 0, changed: 0, same: 0, kept: 0 },
    playbooks: 0,
    events: 0,
    candidates: [],
    conflicts: [],
    notes: [...notes],
  }
}

function planRule(plan: Plan, read: StoredRule, wanted: Wanted & { told: boolean }): void {
  const { input, now, present, told } = wanted
  const { report } = plan
  const { id } = read.rule
  const before = present.rule(id)
  const stored = input.trust === true ? withoutRivals(plan, read, wanted) : tamed(read, now)
  if (before !== undefined && staysAsItIs(report, before, { read, stored, told }, input)) return
  report.rules[before === undefined ? 'made' : 'changed']++
  if (read.rule.status === 'confirmed' && stored.rule.status !== 'confirmed')
    report.candidates.push(id)
  plan.drafts.push({
    type: 'rule.imported',
    actor: wanted.actor,
    subject: '',
    body: {
      stored,
      from: before?.rule.status ?? null,
      because: 'import',
      of: '',
      outcome: null,
      outcomes: evidenceFor(stored, wanted),
    },
  })
}

/** Whether a rule that is here already stays: it is the same, or differs and nobody said that it is to be replaced. */
function staysAsItIs(
  report: ImportReport,
  before: KeptRule,
  { read, stored, told }: { read: StoredRule; stored: StoredRule; told: boolean },
  { replace, keep }: ImportInput,
): boolean {
  if (isSame(before, read, told) || isSame(before, stored, false)) {
    report.rules.same++
    return true
  }
  if (replace === true) return false
  report.conflicts.push({ id: before.rule.id, differs: differences(before, stored, told) })
  if (keep === true) report.rules.kept++
  return true
}

/** What the log of the files says of a rule; for what allows, only where their word is taken for it. */
function evidenceFor(stored: StoredRule, { incoming, input }: Wanted): RuleOutcome[] {
  if (incoming.log === undefined || (input.trust !== true && stored.rule.policy_decision === AUTO))
    return []
  return incoming.log.outcomes.of(ruleOf(stored))
}

/** A rule that allows does not come in confirmed against one that is confirmed here. */
function withoutRivals(
  plan: Plan,
  stored: StoredRule,
  { incoming, present, now }: Wanted,
): StoredRule {
  if (stored.rule.status !== 'confirmed' || stored.rule.policy_decision !== AUTO) return stored
  const rivals = present.rivals(stored).filter((id) => !incoming.rules.has(id))
  if (rivals.length === 0) return stored
  plan.report.notes.push(
    `${plain(stored.rule.id)} says the opposite of ${rivals.map((id) => plain(id)).join(', ')}, confirmed here: it comes in as a candidate`,
  )
  return tamed(stored, now)
}

function planPlaybook(plan: Plan, stored: StoredPlaybook, { input, present, actor }: Wanted): void {
  const { report } = plan
  const { id } = stored.playbook
  const before = present.playbook(id)
  if (before !== undefined && canonical(before) === canonical(stored)) return
  if (before !== undefined && input.replace !== true) {
    report.conflicts.push({
      id,
      differs: fieldsThatDiffer(
        { ...before.playbook, extra: before.extra },
        { ...stored.playbook, extra: stored.extra },
      ),
    })
    if (input.keep === true) report.rules.kept++
    return
  }
  report.playbooks++
  plan.drafts.push({ type: 'playbook.saved', actor, subject: '', body: { playbook: stored } })
}

/** Whether a rule is here as it was read. How long it holds and whose it is counts only where the file says so. */
function isSame(here: StoredRule, read: StoredRule, told: boolean): boolean {
  return (
    contentOf(here) === contentOf(read) &&
    (!told || (here.expiresAt === read.expiresAt && here.by === read.by))
  )
}

function contentOf({ rule, extra, kinds }: StoredRule): string {
  return canonical({ rule, extra: extra ?? null, kinds: kinds ?? null })
}

function differences(here: StoredRule, read: StoredRule, told: boolean): string[] {
  const of = ({ rule, extra, kinds, expiresAt, by }: StoredRule) => ({
    ...rule,
    'unknown keys': extra,
    'kinds of numbers': kinds,
    ...(told ? { expires_at: expiresAt, by } : {}),
  })
  return fieldsThatDiffer(of(here), of(read))
}

function fieldsThatDiffer(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const differ = Object.keys(a).filter(
    (key) => canonical(a[key] ?? null) !== canonical(b[key] ?? null),
  )
  // The hash differs where anything does.
  return differ.length > 1 ? differ.filter((key) => key !== 'asset_id') : differ
}

/** What an operator would want to know of what comes in. */
function sayWhatIsOdd({ report, drafts }: Plan, { input, present }: Wanted): void {
  const coming = drafts.flatMap((draft) =>
    draft.type === 'rule.imported' ? [draft.body.stored] : [],
  )
  const strangers = coming.filter(
    ({ rule }) =>
      rule.scope === 'project' && rule.scope_key !== '' && !present.isAgent(rule.scope_key),
  )
  const blanket = coming.filter(
    (stored) => stored.rule.policy_decision === AUTO && isBlanket(stored),
  )
  if (report.candidates.length > 0) {
    const many = count(report.candidates.length, 'confirmed rule')
    report.notes.push(
      `${many} that ${report.candidates.length === 1 ? 'allows' : 'allow'} came in as ${report.candidates.length === 1 ? 'a candidate' : 'candidates'}: a file is nobody's word. \`clawdeck policy confirm <id>\` confirms one${input.trust === true ? '' : '; --trust takes all as they are'}`,
    )
  }
  if (strangers.length > 0)
    report.notes.push(
      `${count(strangers.length, 'rule')} for projects that are no agents here, which will hold only where an agent has that name, or after \`clawdeck policy edit\`: ${named(strangers)}`,
    )
  if (blanket.length > 0)
    report.notes.push(
      `${count(blanket.length, 'rule')} that would allow whatever is asked, or any action of a kind${input.trust === true ? '' : ', put into the archive'}: ${named(blanket)}`,
    )
}

function named(some: readonly StoredRule[]): string {
  const more = some.length - MOST_NAMED
  return `${some
    .slice(0, MOST_NAMED)
    .map(({ rule }) => plain(rule.id))
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Lines in events of a bounded size; one without lines where there are none. */
function chunked(lines: readonly string[]): string[][] {
  const chunks: string[][] = [[]]
  let size = 0
  for (const line of lines) {
    size += line.length
    if (size > CHUNK && chunks.at(-1)?.length !== 0) {
      chunks.push([])
      size = line.length
    }
    chunks.at(-1)?.push(line)
  }
  return chunks
}
