import { canonical, sha256 } from '../../../base/canonical.ts'
import { yielder } from '../../../base/yield.ts'
import { Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { rivalsOf } from '../read.ts'
import { ruleOf } from '../stored.ts'
import type { StoredPlaybook } from '../types.ts'
import { readIncoming } from './incoming.ts'
import { withoutBreaks } from './log.ts'
import { pastLines } from './past.ts'
import { planImport, type Plan, type Present } from './plan.ts'
import type { FilesParts } from './parts.ts'
import type { ImportInput, ImportReport } from './types.ts'

/** What was compared has changed meanwhile. */
class Overtaken extends Error {}

/** How often an import begins anew that others overtake. */
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
  const breathe = yielder()
  const incoming = await readIncoming(input.path, breathe)
  for (let attempt = 1; ; attempt++) {
    const upTo = parts.journal.head().seq
    const fresh = await freshLines(parts, incoming.log?.lines ?? [], upTo, breathe)
    const plan = await planImport({
      incoming,
      input,
      actor,
      now: parts.clock.now(),
      fresh,
      present: presentOf(parts),
      breathe,
    })
    if (input.dryRun === true) return plan.report
    refuseConflicts(plan.report, input)
    if (plan.drafts.length === 0) return plan.report
    try {
      await parts.journal.append(() => {
        stillSo(parts, plan, upTo)
        return plan.drafts
      })
      return plan.report
    } catch (thrown) {
      if (!(thrown instanceof Overtaken)) throw thrown
      if (attempt === ATTEMPTS)
        throw new Fault(
          'not.possible',
          'the rules change faster than they can be compared with the files',
          { hint: 'Nothing was changed. Try again when less is learned.' },
        )
    }
  }
}

/** To be called inside an append: throws where anything that the plan compared is not as it was. */
function stillSo(parts: FilesParts, plan: Plan, upTo: number): void {
  const present = presentOf(parts)
  const later = parts.store
    .prepare<[number], { seq: number }>(
      "SELECT seq FROM event WHERE type = 'rules.imported' AND seq > ? LIMIT 1",
    )
    .get(upTo)
  const ruleMoved = [...plan.rules].some(([id, before]) => present.kept(id)?.seq !== before?.seq)
  const playbookMoved = [...plan.playbooks].some(
    ([id, before]) => canonical(present.playbook(id) ?? null) !== canonical(before ?? null),
  )
  if (later !== undefined || ruleMoved || playbookMoved) throw new Overtaken()
}

export function presentOf({ learning: { book }, journal: { rows } }: FilesParts): Present {
  const kept = (id: string) => book.get(id)
  return {
    kept,
    rule: kept,
    rules: () => book.all(),
    playbook: (id) => rows.get<StoredPlaybook>('playbook', id),
    rivals: (stored) => rivalsOf(book, ruleOf(stored)),
    isAgent: (name) => rows.get('agent', name) !== undefined,
  }
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
