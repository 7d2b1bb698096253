import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sha256 } from '../../src/base/canonical.ts'
import { ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { PolicyEngine } from '../../src/clawpolicy/engine.ts'
import type { Report } from '../../src/clawpolicy/evidence/feedback.ts'
import { unhashedRule } from '../../src/clawpolicy/files/records.ts'
import { writeEvent, writeRules } from '../../src/clawpolicy/files/write.ts'
import { IndexedBook } from '../../src/clawpolicy/matching/indexed-book.ts'
import type { PolicyEvent, Rule, Task } from '../../src/clawpolicy/types.ts'

/** A list of operations, and the hashes of the files that the original wrote for it. */
interface Recorded {
  /** Without fields that have their defaults. */
  rules: (Partial<Rule> & { id: string })[]
  tasks: Task[]
  /** `known`: the task is decided first, and the report is about that decision. */
  steps: (Partial<Report> & { task: number; known: boolean })[]
  rulesJson: string
  events: string
}

const FIXTURE = new URL('fixtures/original.json', import.meta.url)
const recorded = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Recorded[]

it.each(recorded.map((list, i) => [i, list] as const))(
  'list %i of operations leaves the files of the original, to the byte',
  (_, { rules, tasks, steps, rulesJson, events }) => {
    let [seconds, ids] = [0, 0]
    const engine = new PolicyEngine({
      corrections: ORIGINAL,
      project: '/proj',
      sources: {
        now: () => (Date.UTC(2026, 0, 1) + seconds * 1000) * 1000,
        uuid: () => `${String(++ids).padStart(8, '0')}-0000-4000-8000-000000000000`,
      },
    })
    const book = new IndexedBook(
      rules.map((rule) => [rule.id, unhashedRule(rule)] as const),
      ORIGINAL,
    )
    const log: PolicyEvent[] = []
    const keep = (change: { rules: ReadonlyMap<string, Rule>; events: PolicyEvent[] }) => {
      for (const [key, rule] of change.rules) book.put(key, rule)
      log.push(...change.events)
    }
    for (const { task: i, known, ...said } of steps) {
      const task = tasks[i] as Task
      const report: Report = { prompted: false, cancelled: false, ...said }
      seconds++
      if (known) {
        const { decision, ...change } = engine.decide(task, book)
        keep(change)
        report.decisionId = decision.id
        seconds++
      }
      keep(engine.applyReport(task, report, book, engine.evidenceLog(log)))
    }
    expect(sha256(writeRules(book.rules()))).toBe(rulesJson)
    expect(sha256(log.map(writeEvent).join(''))).toBe(events)
  },
)
