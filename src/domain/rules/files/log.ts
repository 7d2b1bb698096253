import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import {
  outcomeFromEvent,
  SET_BACK,
  ARCHIVE_SWEEP,
  type DecisionOutcome,
} from '../../../clawpolicy/evidence/evidence.ts'
import { PolicyFileReader } from '../../../clawpolicy/files/read.ts'
import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { speaksAgainst } from '../../../clawpolicy/evidence/direction.ts'
import type { PolicyEvent, Rule } from '../../../clawpolicy/types.ts'
import { OUTCOMES_KEPT } from '../stored.ts'
import type { RuleOutcome } from '../types.ts'
import { REDEFINED, RESTORED } from './rule-lines.ts'
import type { FileText } from './locate.ts'

/** Characters of one line. */
const MAX_LINE = 256 * 1024
const MAX_NOTES = 20
const SLICE = 500

/** A log: its lines, unchanged, and what its outcomes say of each rule. */
export interface ParsedLog {
  lines: string[]
  outcomes: OutcomesByRule
  notes: string[]
}

/**
 * Parses a log. A line that is not an event is kept and noted. Fault `policies.invalid` for a line
 * that is too long.
 */
export async function parseLog(
  { name, text }: FileText,
  yieldIfBusy: () => Promise<void>,
): Promise<ParsedLog> {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const outcomes = new OutcomesByRule()
  const notes: string[] = []
  let unreadable = 0
  for (let i = 0; i < lines.length; i += SLICE) {
    for (const [j, line] of lines.slice(i, i + SLICE).entries()) {
      const place = `${name} line ${i + j + 1}`
      if (line.length > MAX_LINE)
        throw new Fault(
          'policies.invalid',
          `${place} has ${line.length} characters; the limit is ${MAX_LINE}`,
          { hint: 'Remove the line. Nothing was changed.' },
        )
      const {
        lines: [event],
        notes: [why = ''],
      } = new PolicyFileReader().readEvents(line)
      if (event === undefined && line.trim() !== '' && unreadable++ < MAX_NOTES)
        notes.push(
          `${place} is not an event and is kept unchanged${plain(why.replace(/^[^:]*/, ''), 200)}`,
        )
      outcomes.take(event)
    }
    await yieldIfBusy()
  }
  if (unreadable > MAX_NOTES)
    notes.push(`${name}: ${unreadable - MAX_NOTES} more lines are not events`)
  return { lines, outcomes, notes }
}

/**
 * A line in the form that the original ClawPolicy reads: without unknown keys, and without Unicode
 * line breaks, each of which it takes for the end of a line.
 */
export function asOriginalLine(line: string): string {
  const {
    lines: [event],
  } = new PolicyFileReader().readEvents(line)
  if (event?.extra === undefined) return escapeLineBreaks(line)
  const { extra: _, ...known } = event
  return escapeLineBreaks(writeEvent(known).trimEnd())
}

/** Escapes line breaks beyond ASCII. They occur only within strings, so the JSON means the same. */
export function escapeLineBreaks(line: string): string {
  return line.replace(
    /[\u0085\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** An outcome that a rule took part in, and whether the rule learned from it. */
interface OutcomeEntry {
  outcome: DecisionOutcome
  learned: boolean
}

/** The outcomes of each rule, collected line by line in the order of the log. */
class OutcomesByRule {
  readonly #byRule = new Map<string, OutcomeEntry[]>()
  /** Rules named since the last outcome: they learned from the next one. */
  readonly #learned = new Set<string>()

  take(event: PolicyEvent | undefined): void {
    const id = event?.payload.get('rule_id')
    if (event?.event_type.startsWith('rule_') === true) {
      if (typeof id === 'string' && restartsEvidence(event)) this.#byRule.delete(id)
      if (
        typeof id === 'string' &&
        event.source_node_id !== ARCHIVE_SWEEP &&
        event.source_node_id !== SET_BACK
      )
        this.#learned.add(id)
      return
    }
    if (event?.event_type === 'decision_outcome') {
      const outcome = outcomeFromEvent(event)
      for (const rule of new Set([...outcome.rules, ...this.#learned]))
        this.#add(rule, { outcome, learned: this.#learned.has(rule) })
    }
    this.#learned.clear()
  }

  #add(rule: string, entry: OutcomeEntry): void {
    const all = this.#byRule.get(rule) ?? []
    this.#byRule.set(rule, all)
    all.push(entry)
    // A rule learns from some of the outcomes that it took part in, perhaps from few.
    if (all.length > 10 * OUTCOMES_KEPT) all.shift()
  }

  /** The outcomes that the gates evaluate: what a rule learned from, and what spoke against it. */
  of(rule: Rule): RuleOutcome[] {
    const counted = (this.#byRule.get(rule.id) ?? []).filter(
      ({ outcome, learned }) => learned || speaksAgainst(rule, outcome),
    )
    return counted
      .slice(-OUTCOMES_KEPT)
      .map(({ outcome: { at, decision, override, result, confirmed } }) => ({
        at,
        decision,
        override,
        result,
        confirmed,
      }))
  }
}

/** Evidence counts from the last suspension, and from the last change of what a rule covers. */
function restartsEvidence({ event_type, payload }: PolicyEvent): boolean {
  const trigger = payload.get('trigger')
  return event_type === 'rule_suspended' || trigger === RESTORED || trigger === REDEFINED
}
