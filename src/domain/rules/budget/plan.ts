import { Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { matches } from '../../../clawpolicy/matching.ts'
import { AUTO, type Rule } from '../../../clawpolicy/types.ts'
import { widerTriggers } from '../../../clawpolicy/proposals.ts'
import { turns, type Past } from './habits.ts'
import type { Weighed } from './weigh.ts'
import type { Drafted, ProposeInput } from '../propose.ts'
import { overlaid } from '../trials/overlay-book.ts'
import type { Rulings } from '../rule-book.ts'
import { ruleOf } from '../stored.ts'
import { taskOf } from '../task.ts'
import type { WidthName } from '../types.ts'
import { quote } from '../../../base/quote.ts'
import type { BudgetReport, BudgetProposal } from './types.ts'

export interface PlanParts {
  book: Rulings
  drafted: (input: ProposeInput, by: string) => Drafted
}

/** Something that could be proposed: what of the past it covers, and which of it nobody would have been asked about. */
interface Candidate {
  kind: 'rule' | 'lease'
  width: WidthName
  of: Weighed
  says: string
  covered: Weighed[]
  saves: Weighed[]
}

const DAYS = 7
const MOST_PROPOSALS = 10
/** What was asked about once or twice in all is no habit. */
const FEWEST = 3
const MOST_SHOWN = 20
/** How many beginnings of each width are looked at, the most frequent first. */
const LOOKED_AT: Record<WidthName, number> = { exact: 40, kind: 20, family: 10 }
/** A wider rule also lets through what nobody has seen yet: it has to save that much more. */
const WORTH: Record<WidthName, number> = { exact: 1, kind: 0.9, family: 0.7 }
/** A lease as it is proposed: for a working day. */
const LEASE_HOURS = 8
const MOST_USES = 1000

/** What would bring the interruptions to a wish, the most saving first. Without a wish: as far as it goes. */
export async function planned(
  parts: PlanParts,
  { hours, questions }: Past,
  all: readonly Weighed[],
  perHour: number | null,
): Promise<Pick<BudgetReport, 'today' | 'proposals' | 'after' | 'rest'>> {
  const left = new Set(all.filter(({ asks }) => asks !== ''))
  const rate = () => perHourOf(left, hours)
  const today = rate()
  const proposals: BudgetProposal[] = []
  const turn = turns()
  const open = questions === 0 ? [] : await candidates(parts, all)
  while (proposals.length < MOST_PROPOSALS && (perHour === null || rate() > perHour)) {
    const best = bestOf(open, left)
    if (best === undefined) break
    const saved = best.saves.filter((one) => left.has(one))
    proposals.push(told(best, timesOf(saved) / hours))
    for (const one of saved) left.delete(one)
    await turn()
  }
  return { today, proposals, after: rate(), rest: restOf(left, hours) }
}

function bestOf(open: readonly Candidate[], left: ReadonlySet<Weighed>): Candidate | undefined {
  let best: { candidate: Candidate; score: number } | undefined
  for (const candidate of open) {
    const saved = timesOf(candidate.saves.filter((one) => left.has(one)))
    const score = saved * WORTH[candidate.width]
    if (saved >= FEWEST && score > (best?.score ?? 0)) best = { candidate, score }
  }
  return best?.candidate
}

async function candidates(parts: PlanParts, all: readonly Weighed[]): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const { of, width } of await beginnings(all)) {
    const rule = await asRule(parts, all, of, width)
    if (rule !== undefined) found.push(rule)
  }
  return [...found, ...all.flatMap((one) => asLease(one) ?? [])]
}

/** The habits that a rule of some width could begin from: of each kind and family one, those that were asked about most. */
async function beginnings(all: readonly Weighed[]): Promise<{ of: Weighed; width: WidthName }[]> {
  const turn = turns()
  const groups: Record<WidthName, Map<string, { of: Weighed; times: number }>> = {
    exact: new Map(),
    kind: new Map(),
    family: new Map(),
  }
  for (const of of all) {
    await turn()
    if (of.asks !== 'nobody' || of.never !== undefined || of.habit.allowed === 0) continue
    const widths = [
      { width: 'exact' as const, trigger: [of.habit.action.type, of.habit.action.target] },
      ...widerTriggers(taskOf(of.habit.action, of.doer), AUTO),
    ]
    for (const { width, trigger } of widths) {
      const key = JSON.stringify([of.doer.name, ...trigger])
      const known = groups[width].get(key)
      if (known === undefined) groups[width].set(key, { of, times: of.habit.times })
      else known.times += of.habit.times
    }
  }
  return (Object.keys(groups) as WidthName[]).flatMap((width) =>
    [...groups[width].values()]
      .toSorted((a, b) => b.times - a.times)
      .slice(0, LOOKED_AT[width])
      .map(({ of }) => ({ of, width })),
  )
}

/** The very rule that its command would make; undefined where it lets through what nothing may, or where people did not mostly say yes. */
async function asRule(
  { book, drafted }: PlanParts,
  all: readonly Weighed[],
  of: Weighed,
  width: WidthName,
): Promise<Candidate | undefined> {
  let stored: Drafted['stored']
  try {
    ;({ stored } = drafted(
      { approval: of.habit.approval, width, decision: 'allow', scope: 'project', days: DAYS },
      'operator',
    ))
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
  const covered = await coveredBy(ruleOf(stored), of.doer.name, all)
  if (covered === undefined || allowedOf(covered) * 2 < timesOf(covered)) return undefined
  const { book: after } = overlaid(book, [stored])
  const saves: Weighed[] = []
  const turn = turns()
  for (const one of covered) {
    await turn()
    if (one.asks === 'nobody' && one.passes(after)) saves.push(one)
  }
  return saves.length === 0
    ? undefined
    : {
        kind: 'rule',
        width,
        of,
        says: width === 'exact' ? `exactly ${plain(of.habit.action.target, 80)}` : sayOf(of, width),
        covered,
        saves,
      }
}

/** What a rule would speak about; undefined as soon as something of it is never let through. */
async function coveredBy(
  rule: Rule,
  agent: string,
  all: readonly Weighed[],
): Promise<Weighed[] | undefined> {
  const covered: Weighed[] = []
  const turn = turns()
  for (const one of all) {
    await turn()
    if (one.doer.name !== agent || !matches(rule, one.situation)) continue
    if (one.never !== undefined) return undefined
    covered.push(one)
  }
  return covered
}

function sayOf({ habit, doer }: Weighed, width: WidthName): string {
  return (
    widerTriggers(taskOf(habit.action, doer), AUTO).find((wider) => wider.width === width)
      ?.covers ?? plain(habit.action.target, 80)
  )
}

/** Where a policy of the operator asks, no rule answers; a lease does. */
function asLease(of: Weighed): Candidate | undefined {
  const { habit } = of
  if (of.asks !== 'policy' || of.never !== undefined || habit.allowed * 2 < habit.times)
    return undefined
  return {
    kind: 'lease',
    width: 'exact',
    of,
    says: `exactly ${plain(habit.action.target, 80)}`,
    covered: [of],
    saves: [of],
  }
}

function told(
  { kind, width, of: { habit, doer }, says, covered }: Candidate,
  saves: number,
): BudgetProposal {
  const past = covered
    .map(({ habit: { action, times, allowed, denied, expired } }) => ({
      target: action.target,
      times,
      allowed,
      denied,
      expired,
    }))
    .toSorted((a, b) => b.times - a.times)
  const rule = kind === 'rule'
  const approval = rule ? habit.approval : habit.pending
  return {
    kind,
    width,
    agent: doer.name,
    approval,
    saves,
    past: past.slice(0, MOST_SHOWN),
    more: Math.max(0, past.length - MOST_SHOWN),
    text: rule
      ? `a rule for ${count(DAYS, 'day')}: ${says}, of ${doer.name}`
      : `a lease for ${LEASE_HOURS} hours${habit.pending === '' ? ', when it is asked next' : ''}: ${says}, of ${doer.name}, which a policy of yours asks about`,
    command: rule
      ? `clawdeck policy propose ${quote([approval])} --width ${width} --days ${DAYS}`
      : `clawdeck approvals allow ${approval === '' ? 'apr_…' : quote([approval])} --uses ${usesOf(habit)} --minutes ${LEASE_HOURS * 60}`,
  }
}

/** As many uses as its busiest hour would take all the time. */
function usesOf({ byHour }: Weighed['habit']): number {
  return Math.min(MOST_USES, Math.max(...byHour.values()) * LEASE_HOURS)
}

function restOf(left: ReadonlySet<Weighed>, hours: number): BudgetReport['rest'] {
  const groups = new Map<string, Weighed[]>()
  for (const one of left) {
    const because =
      one.asks === 'lock'
        ? 'the lock wants a person'
        : (one.never ??
          (one.habit.allowed === 0
            ? 'nobody has allowed it yet'
            : 'it comes too rarely, or is too near to what a person decides'))
    const group = groups.get(because)
    if (group === undefined) groups.set(because, [one])
    else group.push(one)
  }
  return [...groups]
    .map(([because, some]) => ({ because, perHour: perHourOf(some, hours) }))
    .toSorted((a, b) => b.perHour - a.perHour)
}

function timesOf(some: Iterable<Weighed>): number {
  let sum = 0
  for (const { habit } of some) sum += habit.times
  return sum
}

function allowedOf(some: readonly Weighed[]): number {
  return some.reduce((sum, { habit }) => sum + habit.allowed, 0)
}

function perHourOf(some: Iterable<Weighed>, hours: number): number {
  return hours === 0 ? 0 : timesOf(some) / hours
}
