import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { isoTimestamp } from '../../src/clawpolicy/times.ts'
import type { PolicyEvent } from '../../src/clawpolicy/types.ts'
import { someRules, someSteps } from './arbitrary.ts'
import { World, countingSources } from './engine.ts'
import { ReferenceModel } from './reference-model.ts'

const seen = ({ event_type, payload, source_node_id }: PolicyEvent) => {
  const of = (key: string) => payload.get(key)
  if (event_type === 'decision_outcome')
    return {
      type: event_type,
      decision: of('decision_id'),
      matched: of('matched_rule_ids'),
      override: of('user_override'),
      result: of('execution_result'),
      final: of('final_decision'),
      transition: of('lifecycle_transition'),
    }
  return event_type === 'decision_evaluated'
    ? { type: event_type, decision: of('decision_id') }
    : { type: event_type, rule: of('rule_id'), trigger: of('trigger'), source: source_node_id }
}

const omit = (record: object, ...keys: string[]) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))

it('the engine does what a plain reading of the specification gives', () => {
  fc.assert(
    fc.property(someRules, someSteps, (rules, steps) => {
      const world = new World(rules)
      const sources = countingSources()
      const model = new ReferenceModel(rules, () => isoTimestamp(sources.now()), sources.uuid)
      for (const [task, report, known] of steps) {
        if (!known) {
          world.report(task, report)
          model.report(task, '', report)
          continue
        }
        const { id, verdict, reason, resolution, fallback, risk } = world.decide(task)
        expect({ id, final: verdict, reason, resolution, fallback, risk: risk.level }).toEqual(
          omit(model.decide(task), 'matched', 'type'),
        )
        world.report(task, { ...report, decisionId: id })
        model.report(task, id, report)
      }
      expect((world.lines as PolicyEvent[]).map(seen)).toEqual(
        model.log.map((line) => omit(line, 'evaluated')),
      )
      expect(world.rules).toMatchObject(
        model.rows.map((row) => omit(row, 'validation', 'asset_id')),
      )
    }),
    { numRuns: 400 },
  )
})

it('no correction is on in it', () => expect(Object.values(ORIGINAL)).not.toContain(true))
