import { sha256 } from '../../../base/canonical.ts'
import { Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import type { Journal } from '../../../journal/journal.ts'
import { RecordedState } from './existing.ts'
import { readIncoming } from './incoming.ts'
import { withoutBreaks } from './log.ts'
import { pastLines } from './past.ts'
import { planImport, type Plan, type Wanted } from './plan.ts'
import type { FilesParts } from './parts.ts'
import type { ImportInput, ImportReport } from './types.ts'

/** How often an import begins anew when rules change while they are compared. */
const ATTEMPTS = 8
const MOST_NAMED = 5

/** Takes in what a path holds, all of it or nothing, in one append. */
export async function importFiles(
  parts: FilesParts,
  input: ImportInput,
  actor: string,
): Promise<ImportReport> {
  if (input.replace === true && input.keep === true)
    throw new Fault('input.invalid', 'what differs can be replaced or kept, not both', {
      hint: 'Give --replace or --keep.',
    })
  await parts.learning.usable()
  const breathe = parts.yielder()
  const incoming = await readIncoming(input.path, breathe)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const plan = await comparedPlan(parts, { incoming, input, actor, breathe })
    // From here to the refusal in one turn: what is said is said of the state that was compared.
    if (!plan.isCurrent()) continue
    if (input.dryRun === true) return plan.report
    refuseConflicts(plan.report, input)
    if (plan.drafts.length === 0 || (await isAppended(parts.journal, plan))) return plan.report
  }
  throw new Fault(
    'not.possible',
    'the rules change faster than they can be compared with the files',
    { hint: 'Nothing was changed. Try again when less is learned.' },
  )
}

type CheckedPlan = Plan & { isCurrent: () => boolean }

/** A plan, and whether all that it was compared with is still so. */
async function comparedPlan(
  parts: FilesParts,
  given: Pick<Wanted, 'incoming' | 'input' | 'actor' | 'breathe'>,
): Promise<CheckedPlan> {
  const { learning, journal, store, clock } = parts
  const upTo = journal.head().seq
  const present = new RecordedState(learning.book, journal.rows)
  const fresh = await freshLines(parts, given.incoming.log?.lines ?? [], upTo, given.breathe)
  const plan = await planImport({ ...given, now: clock.now(), fresh, present })
  const importSince = store.prepare<[number], { seq: number }>(
    "SELECT seq FROM event WHERE type = 'rules.imported' AND seq > ? LIMIT 1",
  )
  return {
    ...plan,
    isCurrent: () => importSince.get(upTo) === undefined && present.isCurrent(),
  }
}

/** Whether the plan was written down: not if something that it was compared with had changed. */
async function isAppended(journal: Journal, plan: CheckedPlan): Promise<boolean> {
  let current = false
  await journal.append(() => {
    current = plan.isCurrent()
    return current ? plan.drafts : []
  })
  return current
}

/** Lines that the log here does not have, or has less often. */
async function freshLines(
  { store }: FilesParts,
  lines: readonly string[],
  upTo: number,
  breathe: () => Promise<void>,
): Promise<string[]> {
  if (lines.length === 0) return []
  const here = new Map<string, number>()
  for await (const some of pastLines(store, upTo, breathe)) {
    for (const line of some) {
      const key = markOf(line.slice(0, -1))
      here.set(key, (here.get(key) ?? 0) + 1)
    }
  }
  return lines.filter((line) => {
    const left = here.get(markOf(line)) ?? 0
    if (left > 0) here.set(markOf(line), left - 1)
    return left === 0
  })
}

/** 96 bits of a line's hash, the same however its line breaks are written: lines are many. */
function markOf(line: string): string {
  return sha256(withoutBreaks(line)).slice(0, 24)
}

function refuseConflicts({ conflicts }: ImportReport, { replace, keep }: ImportInput): void {
  if (conflicts.length === 0 || replace === true || keep === true) return
  const named = conflicts
    .slice(0, MOST_NAMED)
    .map(({ id, differs }) => `${plain(id)} (${differs.map((key) => plain(key, 40)).join(', ')})`)
    .join('; ')
  const more = conflicts.length - MOST_NAMED
  throw new Fault(
    'not.possible',
    `${count(conflicts.length, 'rule or playbook', 'rules or playbooks')} of that name ${conflicts.length === 1 ? 'is' : 'are'} here and ${conflicts.length === 1 ? 'differs' : 'differ'}: ${named}${more > 0 ? `; and ${more} more` : ''}`,
    {
      hint: 'Nothing was changed. --replace takes those of the files, --keep those that are here; --dry-run shows all.',
    },
  )
}
