import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IndexedBook } from '../../src/clawpolicy/matching/indexed-book.ts'
import { CORRECTED, ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { EventLog, type DecisionOutcome } from '../../src/clawpolicy/evidence/evidence.ts'
import { Lifecycle } from '../../src/clawpolicy/evidence/lifecycle.ts'
import { type Feedback } from '../../src/clawpolicy/evidence/direction.ts'
import { archival } from '../../src/clawpolicy/evidence/transitions.ts'
import { programs } from '../../src/config/programs.ts'
import { structuralRisk } from '../../src/clawpolicy/risk/structural.ts'
import { matches } from '../../src/clawpolicy/matching/matching.ts'
import type { PolicyEvent, Rule } from '../../src/clawpolicy/types.ts'
import { anyRule, anyTask, someRules, someSteps } from './arbitrary.ts'
import { contextOf, scannedBook, World } from './engine.ts'

const either = fc.constantFrom(ORIGINAL, CORRECTED)
const keyed = (rules: Rule[]) => rules.map((rule) => [rule.id, rule] as const)

describe('an index', () => {
  it('finds what a scan finds, in the same order, whatever was changed before', () => {
    fc.assert(
      fc.property(
        someRules,
        fc.array(
          fc.integer({ min: 0, max: 13 }).chain((i) => anyRule(`r${i}`)),
          { maxLength: 6 },
        ),
        anyTask,
        either,
        (rules, changes, task, corrections) => {
          const map = new Map(keyed(rules))
          const book = new IndexedBook(map, corrections)
          for (const rule of changes) {
            map.set(rule.id, rule)
            book.put(rule.id, rule)
          }
          const here = contextOf(task, '/proj', corrections)
          const found = (candidates: Rule[]) =>
            candidates.filter((rule) => matches(rule, here)).map(({ id }) => id)
          expect(found(book.candidates(here))).toEqual(found(scannedBook(map).candidates(here)))
          const keys = (entries: Iterable<[string, Rule]>) =>
            [...entries].map(([key]) => key).toSorted()
          for (const rule of map.values())
            expect(keys(book.comparable(rule))).toEqual(keys(scannedBook(map).comparable(rule)))
          const gone = (entries: [string, Rule][]) =>
            keys(
              entries.filter(
                ([key, rule]) =>
                  archival(
                    rule,
                    [...scannedBook(map).comparable(rule)].some(
                      ([other, { status }]) => other !== key && status === 'confirmed',
                    ),
                  ) !== undefined,
              ),
            )
          expect(gone(book.archivable())).toEqual(gone(scannedBook(map).archivable()))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('forgets what is deleted', () => {
    fc.assert(
      fc.property(someRules, anyTask, (rules, task) => {
        const book = new IndexedBook(keyed(rules))
        for (const { id } of rules) book.delete(id)
        expect([
          book.candidates(contextOf(task, '/proj', ORIGINAL)),
          book.archivable(),
          book.size,
        ]).toEqual([[], [], 0])
      }),
      { numRuns: 200 },
    )
  })

  it('gives the same rules and events as a scan through a whole lifecycle', () => {
    fc.assert(
      fc.property(someRules, someSteps, either, (rules, steps, corrections) => {
        const world = new World(rules, corrections)
        const other = new World([], corrections)
        const map = new Map(keyed(rules))
        const lines: PolicyEvent[] = []
        for (const [task, report] of steps) {
          const { decision, events } = world.live(task, report)
          const first = other.engine.decide(task, scannedBook(map))
          for (const [key, rule] of first.rules) map.set(key, rule)
          lines.push(...first.events)
          const second = other.engine.applyReport(
            task,
            { ...report, decisionId: decision.id },
            scannedBook(map),
            new EventLog(lines, corrections),
          )
          for (const [key, rule] of second.rules) map.set(key, rule)
          lines.push(...second.events)
          expect(second.events).toEqual(events)
        }
        expect([...map.values()]).toEqual(world.rules)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a decision', () => {
  it('is the same each time, and judging changes nothing', () => {
    fc.assert(
      fc.property(someRules, anyTask, either, (rules, task, corrections) => {
        const book = new IndexedBook(keyed(rules))
        const engine = () => new World([], corrections).engine
        const before = structuredClone(rules)
        expect(engine().evaluate(task, book)).toEqual(engine().evaluate(task, book))
        expect([...book.rules().values()]).toEqual(before)
      }),
      { numRuns: 150 },
    )
  })

  it('corrected: allows only by a confirmed rule within its risk, or if all programs only read and no rule is suspended', () => {
    fc.assert(
      fc.property(someRules, someSteps, anyTask, (rules, steps, task) => {
        const world = new World(rules, CORRECTED)
        for (const [done, report] of steps) world.live(done, report)
        const { verdict, matched, selected } = world.look(task)
        if (verdict === 'require_confirmation') return
        const { level } = structuralRisk(task, programs())
        expect(level).not.toBe('critical')
        if (selected === undefined) {
          expect(level).toBe('low')
          expect(matched.map(({ status }) => status)).not.toContain('suspended')
          expect(
            matched.filter(
              ({ status, policy_decision }) => status === 'confirmed' && policy_decision !== '',
            ),
          ).toEqual([])
        } else {
          expect(selected).toMatchObject({ status: 'confirmed', policy_decision: 'auto_execute' })
          if (level === 'high') expect(['high', 'critical']).toContain(selected.risk_level)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a rule that asks', () => {
  it('corrected: stays confirmed whatever is reported', () => {
    fc.assert(
      fc.property(someRules, someSteps, (rules, steps) => {
        const world = new World(rules, CORRECTED)
        const guards = rules.filter(
          ({ status, policy_decision }) =>
            status === 'confirmed' && policy_decision === 'require_confirmation',
        )
        for (const [task, report] of steps) world.live(task, report)
        expect(guards.filter(({ id }) => world.rule(id).status !== 'confirmed')).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('promotion', () => {
  it('never without its gates', () => {
    fc.assert(
      fc.property(someRules, someSteps, either, (rules, steps, corrections) => {
        const world = new World(rules, corrections)
        for (const [task, report] of steps) {
          const { decision } = world.live(task, report)
          // The outcome of this step is the last line: the gate had not seen it.
          const earlier = new EventLog(world.lines.slice(0, -1), corrections)
          for (const { payload } of world.lines
            .slice(world.lines.findLastIndex((event) => event?.event_type === 'decision_evaluated'))
            .filter((event) => event?.event_type === 'rule_promoted') as PolicyEvent[]) {
            const rule = world.rule(payload.get('rule_id') as string)
            const outcomes: DecisionOutcome[] = earlier.outcomes(rule.id, 0)
            const feedback: Feedback = {
              override: report.override ?? '',
              result: report.result || (report.cancelled ? 'cancel' : 'success'),
              decision: decision.verdict,
              risk: decision.risk.level,
              prompted: report.prompted,
            }
            expect(
              new Lifecycle(corrections).promotionBlocks(
                { ...rule, status: 'candidate' },
                { outcomes, conflict: false, risk: decision.risk.level, feedback },
              ),
            ).toEqual([])
            expect(rule.evidence_count).toBeGreaterThanOrEqual(3)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('corrected: needs three in a row that support the rule, of those it learned from', () => {
    fc.assert(
      fc.property(someRules, someSteps, (rules, steps) => {
        const world = new World(rules, CORRECTED)
        const rows = new Map<string, number>()
        for (const [task, report] of steps) {
          const { decision, events } = world.live(task, report)
          const learned = new Map(
            events
              .filter(
                ({ event_type, source_node_id }) =>
                  event_type.startsWith('rule_') &&
                  source_node_id !== 'lifecycle' &&
                  source_node_id !== 'set_back',
              )
              .map((event) => [event.payload.get('rule_id') as string, event.event_type]),
          )
          for (const id of new Set([
            ...decision.matched.map((rule) => rule.id),
            ...learned.keys(),
          ])) {
            const way = wayOf(
              world.rule(id).policy_decision,
              report.override ?? '',
              report.result || (report.cancelled ? 'cancel' : 'success'),
            )
            rows.set(id, way < 0 ? 0 : (rows.get(id) ?? 0) + (learned.has(id) ? way : 0))
            if (learned.get(id) === 'rule_promoted') expect(rows.get(id)).toBeGreaterThanOrEqual(3)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** 1 if a feedback speaks for a decision, -1 if against. */
function wayOf(decision: string, override: string, result: string): number {
  const [good, bad] = [result === 'success', result === 'failure' || result === 'rollback']
  const yes = ['confirmed_after_prompt', 'prefer_auto_execute', 'forced_auto_execute'].includes(
    override,
  )
  if (decision === 'require_confirmation') {
    if (yes) return -1
    return override !== '' || bad ? 1 : 0
  }
  if (bad || (override !== '' && !yes)) return -1
  return yes || good ? 1 : 0
}
