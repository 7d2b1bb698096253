import { afterEach, describe, expect, test } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import type { RuleProposal } from '../../src/domain/rules/types.ts'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import { anAction, anApproval, facts } from '../support/fake-rows.ts'
import { aSimulation, SEVERE } from '../support/fake-rules.ts'
import { Screen } from '../support/screen.ts'

let screen: Screen
const open = async (link: FakeLink, columns = 120, rows = 40): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}
afterEach(() => screen.close())

const WIDTHS: RuleProposal[] = [
  {
    width: 'exact',
    says: 'exactly this',
    trigger: [],
    past: { asked: 12, allowed: 12, denied: 0 },
  },
  {
    width: 'kind',
    says: 'every POST to api.stripe.com',
    trigger: [],
    past: { asked: 14, allowed: 12, denied: 2 },
  },
]

/** With the cursor on the second approval, after all of what would run was on the screen. */
async function onSecond(deck: Screen): Promise<Screen> {
  await deck.press('2', 'j').expectRow('▸', 'POST api.stripe.com')
  return deck.expect('y allow')
}

describe('an approval that becomes a rule', () => {
  const asking = (): FakeLink => {
    const link = new FakeLink(fleet())
    link.answers.set('rule.proposals', () => WIDTHS)
    link.answers.set('rule.simulate', () => aSimulation())
    return link
  }

  test('Y: the narrowest rule for a week, then the approval is allowed', async () => {
    const link = asking()
    const deck = await open(link)
    await (await onSecond(deck)).press('Y').expect('asked 12×, allowed 12, denied 0')
    await deck.expect('Of 41 recorded questions, 3 would have been allowed.')
    deck.press('enter')
    await deck.expect('2 waiting')
    expect(link.sent('rule.propose', 'approval.allow')).toEqual([
      {
        id: 'rule.propose',
        input: { approval: 'apr_2', width: 'exact', scope: 'project', days: '7' },
      },
      { id: 'approval.allow', input: { ids: ['apr_2'] } },
    ])
  })

  test('a wider rule, for more agents and longer; an earlier denial is a warning', async () => {
    const link = asking()
    const deck = await open(link)
    await (await onSecond(deck)).press('Y').expect('asked 12×')
    await deck.press('tab', 'right').expect('⚠ asked 14×, allowed 12, denied 2')
    await deck.press('tab', 'right', 'right').expect('[every agent]')
    await deck.press('tab', 'right').expect('[30 days]')
    deck.press('enter')
    await deck.expect('2 waiting')
    expect(link.sent('rule.propose')).toEqual([
      {
        id: 'rule.propose',
        input: { approval: 'apr_2', width: 'kind', scope: 'global', days: '30' },
      },
    ])
  })

  test('at high risk, or if it would have allowed something severe, another key confirms', async () => {
    const link = asking()
    link.answers.set('rule.simulate', () => SEVERE)
    const deck = await open(link)
    await (await onSecond(deck)).press('Y').expect('⚠ 1 of them has high risk')
    await deck.press('enter').expect('Allow more like this, at risk 61?')
    await deck.expect('npm install evil')
    await deck.press('y').expect('Press a to confirm')
    expect(link.sent('rule.propose')).toEqual([])
    deck.press('a')
    await deck.expect('2 waiting')
    expect(link.sent('rule.propose', 'approval.allow').map(({ id }) => id)).toEqual([
      'rule.propose',
      'approval.allow',
    ])
  })

  test('if the approval was decided meanwhile, the rule stays, and this is said', async () => {
    const link = asking()
    link.answers.set('approval.allow', () => {
      throw new Fault('approval.decided', 'already decided by operator:cli')
    })
    const deck = await open(link)
    await (await onSecond(deck)).press('Y').expect('asked 12×')
    deck.press('enter')
    await deck.expect('The rule was created')
  })

  test('if the rule cannot be created, nothing is decided and the form stays', async () => {
    const link = asking()
    link.answers.set('rule.propose', () => {
      throw new Fault('refused', "a critical risk is always a person's")
    })
    const deck = await open(link)
    await (await onSecond(deck)).press('Y').expect('asked 12×')
    deck.press('enter')
    await deck.expect('a critical risk is always a person')
    await deck.expect('Allow more like this')
    expect(link.sent('approval.allow')).toEqual([])
  })

  test('if the lock always asks, it says so, and allows only this', async () => {
    const link = new FakeLink({
      ...fleet(),
      approvals: [
        anApproval('apr_9', {
          action: anAction(),
          reasons: [{ layer: 'lock', text: 'the template requires approval for exec git push *' }],
        }),
      ],
    })
    const deck = await open(link)
    await deck.press('2').expect('y allow')
    await deck.press('Y').expect('The lock asks each time')
    await deck.expect('[only this once]')
    deck.press('enter')
    await deck.expect('none waiting')
    expect(link.sent('rule.propose', 'approval.allow')).toEqual([
      { id: 'approval.allow', input: { ids: ['apr_9'] } },
    ])
  })

  test('N: a rule that always asks, and the approval is denied', async () => {
    const link = asking()
    const deck = await open(link)
    await deck.press('2', 'j', 'N').expect('Deny and remember')
    await deck.press('right').expect('[always ask me]')
    await deck.expect('asked 12×')
    deck.press('enter')
    await deck.expect('2 waiting')
    expect(link.sent('rule.propose', 'approval.deny')).toEqual([
      {
        id: 'rule.propose',
        input: { approval: 'apr_2', width: 'exact', scope: 'project', days: '7', ask: true },
      },
      { id: 'approval.deny', input: { ids: ['apr_2'] } },
    ])
  })

  test('an approval shows what was learned so far', async () => {
    const reasons = [
      { layer: 'default' as const, text: 'no policy answers' },
      {
        layer: 'rule' as const,
        id: 'policy_c1',
        text: 'rule policy_c1 is a candidate: 2 of 3 that it takes to allow this unasked',
      },
    ]
    const deck = await open(
      new FakeLink({ ...fleet(), approvals: [anApproval('apr_9', { reasons })] }),
    )
    await deck.press('2').expect(/candidate: 2 of 3/)
  })

  test('more approvals than the budget are marked', async () => {
    const deck = await open(
      new FakeLink({ ...fleet(), deck: { ...facts, budget: { perHour: 6, lastHour: 7 } } }),
    )
    await deck.expectRow('Approvals', '⚠ 7/6 this hour')
  })
})
