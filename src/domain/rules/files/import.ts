import { sha256 } from '../../../base/canonical.ts'
import { Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import type { Journal } from '../../../journal/journal.ts'
import { ExistingStateReader } from './existing-state.ts'
import { escapeLineBreaks } from './log.ts'
import { logLines } from './log-lines.ts'
import type { RuleFileParts } from './parts.ts'
import { planImport, type ImportContext, type ImportPlan } from './plan.ts'
import { readPolicyFiles } from './policy-files.ts'
import type { ImportInput, ImportReport } from './types.ts'

/** How often an import starts again because rules changed while they were compared. */
const MAX_ATTEMPTS = 8
const MAX_NAMED = 5

/** Imports what a path holds, all of it or nothing, in one append. */
export async function importFiles(
  parts: RuleFileParts,
  input: ImportInput,
  actor: string,
): Promise<ImportReport> {
  if (input.replace === true && input.keep === true)
    throw new Fault('input.invalid', 'existing rules can be replaced or kept, not both', {
      hint: 'Give --replace or --keep.',
    })
  await parts.learning.usable()
  const yieldIfBusy = parts.yielder()
  const files = await readPolicyFiles(input.path, yieldIfBusy)
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const plan = await comparedPlan(parts, { files, input, actor, yieldIfBusy })
    // Preview and refusal follow in the same turn, so they describe the state that was compared.
    if (!plan.isCurrent()) continue
    if (input.dryRun === true) return plan.report
    refuseConflicts(plan.report, input)
    if (plan.drafts.length === 0 || (await appendIfCurrent(parts.journal, plan))) return plan.report
  }
  throw new Fault('not.possible', 'the rules change faster than they can be compared', {
    hint: 'Nothing was changed. Try again when fewer rules are learned.',
  })
}

/** A plan, and whether the state that it was compared with is unchanged. */
type ComparedPlan = ImportPlan & { isCurrent: () => boolean }

async function comparedPlan(
  parts: RuleFileParts,
  given: Pick<ImportContext, 'files' | 'input' | 'actor' | 'yieldIfBusy'>,
): Promise<ComparedPlan> {
  const { learning, journal, store, clock } = parts
  const upTo = journal.head().seq
  const existing = new ExistingStateReader(learning.book, journal.rows)
  const newLines = await linesNotIn(parts, upTo, given)
  const plan = await planImport({ ...given, now: clock.now(), newLines, existing })
  const importSince = store.prepare<[number], { seq: number }>(
    "SELECT seq FROM event WHERE type = 'rules.imported' AND seq > ? LIMIT 1",
  )
  return {
    ...plan,
    isCurrent: () => importSince.get(upTo) === undefined && existing.isCurrent(),
  }
}

/** Appends a plan, unless the state that it was compared with has changed. */
async function appendIfCurrent(journal: Journal, plan: ComparedPlan): Promise<boolean> {
  let isCurrent = false
  await journal.append(() => {
    isCurrent = plan.isCurrent()
    return isCurrent ? plan.drafts : []
  })
  return isCurrent
}

/** Lines of the files' log that the deck's log up to an event does not have, or has less often. */
async function linesNotIn(
  { store }: RuleFileParts,
  upTo: number,
  { files, yieldIfBusy }: Pick<ImportContext, 'files' | 'yieldIfBusy'>,
): Promise<string[]> {
  const lines = files.log?.lines ?? []
  if (lines.length === 0) return []
  const existing = new Map<string, number>()
  for await (const some of logLines(store, upTo, yieldIfBusy)) {
    for (const line of some) {
      const key = lineKey(line.slice(0, -1))
      existing.set(key, (existing.get(key) ?? 0) + 1)
    }
  }
  return lines.filter((line) => {
    const key = lineKey(line)
    const left = existing.get(key) ?? 0
    if (left > 0) existing.set(key, left - 1)
    return left === 0
  })
}

/** 96 bits of a line's hash, however its line breaks are written: there may be many lines. */
function lineKey(line: string): string {
  return sha256(escapeLineBreaks(line)).slice(0, 24)
}

function refuseConflicts({ conflicts }: ImportReport, { replace, keep }: ImportInput): void {
  if (conflicts.length === 0 || replace === true || keep === true) return
  const named = conflicts
    .slice(0, MAX_NAMED)
    .map(({ id, differs }) => `${plain(id)} (${differs.map((key) => plain(key, 40)).join(', ')})`)
    .join('; ')
  const more = conflicts.length - MAX_NAMED
  const many = count(conflicts.length, 'rule or playbook', 'rules or playbooks')
  const differ = conflicts.length === 1 ? 'exists and differs' : 'exist and differ'
  throw new Fault(
    'not.possible',
    `${many} of the same id ${differ}: ${named}${more > 0 ? `; and ${more} more` : ''}`,
    {
      hint: 'Nothing was changed. --replace takes those of the files, --keep leaves those of the deck; --dry-run shows all.',
    },
  )
}
