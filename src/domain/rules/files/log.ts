import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import {
  outcomeFromEvent,
  SET_BACK,
  ARCHIVE_SWEEP,
  type DecisionOutcome,
} from '../../../clawpolicy/evidence.ts'
import { PolicyFileReader } from '../../../clawpolicy/files/read.ts'
import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { speaksAgainst } from '../../../clawpolicy/direction.ts'
import type { PolicyEvent, Rule } from '../../../clawpolicy/types.ts'
import { OUTCOMES_KEPT } from '../stored.ts'
import type { RuleOutcome } from '../types.ts'
import { REDEFINED, RESTORED } from './lines.ts'
import type { FileText } from './locate.ts'

/** Characters of one line of the log. */
const LONGEST_LINE = 256 * 1024
const MOST_NOTES = 20
const SLICE = 500

/** A log as it was read: its lines as they stand, and what its outcomes say of each rule, oldest first. */
export interface ReadLog {
  lines: string[]
  outcomes: Outcomes
  notes: string[]
}

/** The lines of a log. What is no event is kept and said; a line that is too long is a Fault `policies.invalid`. */
export async function parseLog(
  { name, text }: FileText,
  breathe: () => Promise<void>,
): Promise<ReadLog> {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const outcomes = new Outcomes()
  const notes: string[] = []
  let bad = 0
  for (let i = 0; i < lines.length; i += SLICE) {
    for (const [j, line] of lines.slice(i, i + SLICE).entries()) {
      const place = `${name} line ${i + j + 1}`
      if (line.length > LONGEST_LINE)
        throw new Fault(
          'policies.invalid',
          `${place} has ${line.length} characters; at most ${LONGEST_LINE} are taken`,
          { hint: 'Leave the line out; nothing was changed.' },
        )
      const {
        lines: [event],
        notes: [why = ''],
      } = new PolicyFileReader().readEvents(line)
      if (event === undefined && line.trim() !== '' && bad++ < MOST_NOTES)
        notes.push(
          `${place} is no event, and is kept as it is${plain(why.replace(/^[^:]*/, ''), 200)}`,
        )
      outcomes.take(event)
    }
    await breathe()
  }
  if (bad > MOST_NOTES) notes.push(`${name}: ${bad - MOST_NOTES} more lines are no events`)
  return { lines, outcomes, notes }
}

/** A line as the original reads it, which knows no other keys and takes each of Unicode's line breaks for the end of a line. */
export function plainLine(line: string): string {
  const {
    lines: [event],
  } = new PolicyFileReader().readEvents(line)
  if (event?.extra === undefined) return withoutBreaks(line)
  const { extra: _, ...known } = event
  return withoutBreaks(writeEvent(known).trimEnd())
}

/** Line breaks beyond ASCII, which can only stand in a text, as escapes: the same to whoever reads JSON. */
export function withoutBreaks(line: string): string {
  return line.replace(
    /[\u0085\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** What outcomes say of rules, gathered line by line in the order of the log. */
export class Outcomes {
  readonly #of = new Map<string, { outcome: DecisionOutcome; learned: boolean }[]>()
  /** Rules that the lines since the last outcome tell of: they learned from the next one. */
  readonly #learned = new Set<string>()

  take(event: PolicyEvent | undefined): void {
    const id = event?.payload.get('rule_id')
    if (event?.event_type.startsWith('rule_') === true) {
      if (typeof id === 'string' && beginsAnew(event)) this.#of.delete(id)
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

  #add(rule: string, one: { outcome: DecisionOutcome; learned: boolean }): void {
    const all = this.#of.get(rule) ?? []
    this.#of.set(rule, all)
    all.push(one)
    // Of what a rule had part in, it may have learned from little.
    if (all.length > 10 * OUTCOMES_KEPT) all.shift()
  }

  /** What the gates look back on: what a rule learned from, and what spoke against it. */
  of(rule: Rule): RuleOutcome[] {
    const counted = (this.#of.get(rule.id) ?? []).filter(
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

/** Evidence is counted from the last suspension on, and from when a rule became about what it is about. */
function beginsAnew({ event_type, payload }: PolicyEvent): boolean {
  const trigger = payload.get('trigger')
  return event_type === 'rule_suspended' || trigger === RESTORED || trigger === REDEFINED
}
