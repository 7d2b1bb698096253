import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../../src/clawpolicy/corrections.ts'
import type { PolicyEvent } from '../../../../src/clawpolicy/types.ts'
import { recentTransitions } from '../../../../src/clawpolicy/evidence/history.ts'
import { yielder } from '../../../../src/base/yield.ts'
import { ruleFileService } from '../../../../src/domain/rules/files/service.ts'
import type { RuleRecord } from '../../../../src/domain/rules/types.ts'
import { tempFolder } from '../../../support/journal.ts'
import { endings, openRuleDeck, RUN, WHO, type RuleDeck } from '../rule-deck.ts'
import { smallDeck, text } from './deck.ts'
import { readEvents, readRules, recentDecisions } from '../../../clawpolicy/parts.ts'

const ends = endings()
afterEach(ends.run)

async function exported(deck: RuleDeck): Promise<{ folder: string; events: PolicyEvent[] }> {
  const folder = tempFolder(ends.add)
  await ruleFileService({ ...deck, yielder }).export({ path: folder }, WHO)
  const { lines, notes } = readEvents(text(folder, 'policy_events.jsonl'), ORIGINAL)
  expect(notes).toEqual([])
  expect(readRules(text(folder, 'rules.json'), ORIGINAL).records.size).toBe(
    [...deck.learning.book.all()].length,
  )
  return { folder, events: lines as PolicyEvent[] }
}

const short = ({ event_type, source_node_id, payload }: PolicyEvent) =>
  [
    event_type,
    source_node_id,
    payload.get('decision_id') === undefined
      ? payload.get('trigger')
      : (payload.get('execution_result') ?? payload.get('final_decision')),
  ].join(' ')

describe('the log of a deck', () => {
  it('has lines as the original writes them: decision, rule change, outcome', async () => {
    const deck = await openRuleDeck(ends.add)
    const id = await deck.learned()
    for (let i = 0; i < 2; i++) await deck.ended(await deck.exec(RUN), 'failure')
    await deck.deck.resume(id, '', WHO)
    await deck.deck.edit(id, { summary: 'Mine' }, WHO)
    await deck.deck.archive(id, 'obsolete', WHO)
    await deck.deck.restore(id, '', WHO)
    const { events } = await exported(deck)
    const asked = 'decision_evaluated confirmation_policy require_confirmation'
    const ran = 'decision_evaluated confirmation_policy auto_execute'
    const outcome = (result: string) => `decision_outcome confirmation_policy ${result}`
    expect(events.map(short)).toEqual([
      asked,
      'rule_updated explicit_correction runtime_feedback',
      outcome('success'),
      asked,
      'rule_updated explicit_correction runtime_feedback',
      outcome('success'),
      asked,
      'rule_promoted explicit_correction candidate_promoted',
      outcome('success'),
      ran,
      ran,
      'rule_updated repeated_failure runtime_feedback',
      outcome('failure'),
      ran,
      'rule_suspended repeated_failure repeated_failure',
      outcome('failure'),
      'rule_reactivated lifecycle operator',
      'rule_updated lifecycle operator',
      'rule_archived lifecycle obsolete',
      'rule_reactivated lifecycle restored',
    ])
    const [, second, third] = events
    expect([...(second?.payload.keys() ?? [])]).toEqual([
      'rule_id',
      'status',
      'policy_decision',
      'evidence_count',
      'trigger',
      'scope',
      'scope_key',
      'risk_level',
    ])
    expect(second).toMatchObject({
      changes: 'Policy rule updated: candidate / auto_execute',
      trigger_signals: ['exec'],
    })
    expect(Object.fromEntries(third?.payload ?? [])).toMatchObject({
      user_override: 'confirmed_after_prompt',
      was_confirmed: true,
      rule_ids: [id],
      matched_rule_ids: [id],
      command: RUN,
      scope: 'project',
      scope_key: 'a1',
      lifecycle_transition: '',
    })
    expect(events[8]?.payload.get('lifecycle_transition')).toBe('rule_promoted')
    expect(recentTransitions(events, 0).map(({ event_type }) => event_type)).toEqual([
      'rule_reactivated',
      'rule_archived',
      'rule_reactivated',
      'rule_suspended',
      'rule_promoted',
    ])
    expect(
      recentDecisions(events, 10, CORRECTED).map((record) => record.get('execution_result')),
    ).toEqual(['failure', undefined, 'failure', 'success', 'success', 'success'])
  })

  it('restores the outcomes of every rule, whatever happened', async () => {
    const command = fc.constantFrom(RUN, 'git push origin x', 'make thing')
    const step = fc.tuple(
      fc.constantFrom(
        'yes',
        'yes',
        'yes',
        'no',
        'run',
        'fail',
        'rollback',
        'suspend',
        'resume',
        'archive',
        'restore',
        'confirm',
        'scope',
      ),
      command,
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const deck = await openRuleDeck(ends.add)
        for (const [act, target] of steps) await take(deck, act, target)
        const { folder } = await exported(deck)
        const full = tempFolder(ends.add)
        await ruleFileService({ ...deck, yielder }).export({ path: full, facts: true }, WHO)
        const fresh = await smallDeck(ends.add, deck.clock)
        await fresh.import({ path: full, trust: true })
        const content = ({ changedAt: _at, seq: _seq, ...kept }: RuleRecord) => kept
        expect(fresh.rules().map(content)).toEqual([...deck.learning.book.all()].map(content))
        const again = tempFolder(ends.add)
        await fresh.export(again)
        for (const name of ['rules.json', 'policy_events.jsonl'])
          expect(text(again, name)).toBe(text(full, name))
        expect(text(folder, 'policy_events.jsonl')).toBe(text(full, 'policy_events.jsonl'))
        expect(
          await ruleFileService({ ...deck, yielder }).import({ path: full }, WHO),
        ).toMatchObject({
          rules: { made: 0, changed: 0 },
          events: 0,
        })
        await ends.run()
      }),
      { numRuns: 10 },
    )
  })
})

/** What an agent or an operator does; what is not possible is left alone. */
async function take(deck: RuleDeck, act: string, target: string): Promise<void> {
  deck.clock.advance(1000)
  if (ASKED.has(act)) {
    await ask(deck, act, target)
    return
  }
  const [first] = await deck.rules()
  if (first === undefined) return
  const done =
    act === 'scope'
      ? deck.deck.edit(
          first.id,
          { scope: first.scope === 'global' ? 'project' : 'global', scopeKey: 'a1' },
          WHO,
        )
      : deck.deck[act as 'confirm' | 'suspend' | 'resume' | 'archive' | 'restore'](
          first.id,
          '',
          WHO,
        )
  await done.catch((thrown: { code?: string }) => {
    if (thrown.code !== 'not.possible') throw thrown
  })
}

const ASKED = new Set(['yes', 'no', 'run', 'fail', 'rollback'])
const ENDS = { run: 'success', fail: 'failure', rollback: 'rollback' } as const

async function ask(deck: RuleDeck, act: string, target: string): Promise<void> {
  const asked = await deck.exec(target)
  if (asked.pending)
    await (act === 'no'
      ? deck.approvals.deny(asked.id, {}, WHO)
      : deck.approvals.allow(asked.id, {}, WHO))
  if (act in ENDS) await deck.ended(asked, ENDS[act as keyof typeof ENDS])
}
