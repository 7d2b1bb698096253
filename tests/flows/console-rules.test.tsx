import { afterEach, describe, expect, test } from 'vitest'
import type { RuleRow } from '../../src/domain/rules/types.ts'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import {
  aDetail,
  aRule,
  aSimulation,
  counted,
  learnedFleet,
  rules,
  SEVERE,
} from '../support/fake-rules.ts'
import { Screen } from '../support/screen.ts'

let screen: Screen
const open = async (link: FakeLink, columns = 120, rows = 40): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}
afterEach(() => screen.close())

const update = (link: FakeLink, row: RuleRow): void =>
  link.push([{ noun: 'rule', id: row.id, row }])

describe('the policies pane', () => {
  test('shows the number of rules by status, and what matters about each', async () => {
    const deck = await open(new FakeLink(learnedFleet()))
    await deck.press('3').expectRow('Policies', '✓ confirmed 2', '◇ candidate 3', '⏸ 1')
    await deck.expectRow('⏸', 'pip install requests', 'reviewer', 'failed twice')
    await deck.expectRow('◇', 'npm install zod@4', '2/3', '▇▇')
    await deck.expectRow('◇', 'ask: every git push', '⚠ 3/3')
    await deck.expectRow('✓', 'every git push', '44× 2 min')
    await deck.expectRow('✓', 'every write in docs/', 'left')
    await deck.expectRow('✓ allow', 'exec git status*')
  })

  test('is live: evidence fills the bar, and a confirmed rule moves', async () => {
    const link = new FakeLink(learnedFleet([aRule('policy_c1', { support: 1 })]))
    const deck = await open(link)
    await deck.press('3').expectRow('◇', 'git push origin main', '1/3')
    update(link, aRule('policy_c1', { support: 2 }))
    await deck.expectRow('◇', 'git push origin main', '2/3')
    const confirmed = aRule('policy_c1', {
      status: 'confirmed',
      support: 3,
      uses: 1,
      lastUsedAt: Date.now(),
    })
    update(link, confirmed)
    link.pulse({ kind: 'pulse', deck: { rules: counted([confirmed]) } })
    await deck.expectRow('✓', 'git push origin main', '1×')
    await deck.expectRow('Policies', '✓ confirmed 1')
  })

  test('without rules it says how they are learned', async () => {
    const deck = await open(new FakeLink({ ...fleet(), policies: [], leases: [] }))
    await deck.press('3').expect('Your decisions teach rules')
  })
})

describe('the board', () => {
  test('has five columns; the cursor moves between lanes, down to leases and policies, and back', async () => {
    const link = new FakeLink(learnedFleet(rules(), 1))
    link.answers.set('rule.list', () => [
      aRule('policy_a1', { status: 'archived', trigger: ['runs:yarn'] }),
    ])
    const deck = await open(link)
    await deck
      .press('3', 'z')
      .expectRow('hint 1', 'candidate 3', 'confirmed 2', 'suspended 1', 'archived 1')
    await deck.expect('every yarn')
    expect(link.sent('rule.list')).toEqual([
      { id: 'rule.list', input: { status: 'archived', limit: 500 } },
    ])
    await deck.expectRow('▸ pip install requests')
    await deck.press('h').expectRow('▸ every git push')
    await deck.press('h').expectRow('▸ npm install zod@4')
    await deck.press('j').expectRow('▸ POST')
    await deck.press('l').expectRow('▸ every write in docs/')
    await deck.press('right', 'right').expectRow('▸ every yarn')
    await deck.press('j').expectRow('▸ ⧗ lease')
    await deck.press('k').expectRow('▸ every yarn')
    await deck.press('esc').expectRow('1 Agents')
  })

  test('stacks the lanes in a small terminal', async () => {
    const deck = await open(new FakeLink(learnedFleet()), 80, 24)
    await deck.press('3', 'z').expectRow('◇ candidate 3', 'still asks')
    await deck.expectRow('✓ confirmed 2', 'answers for you')
    await deck.expectRow('⏸ suspended', 'failed twice')
    await deck.press('g', 'k').expectRow('▸ ✓ confirmed', 'every write in docs/')
  })

  test('shows a window of ten times more rules than fit', async () => {
    const many = Array.from({ length: 60 }, (_, i) =>
      aRule(`policy_${i}`, { trigger: [`runs:tool${i}`], changedAt: 1_000_000 - i }),
    )
    const deck = await open(new FakeLink(learnedFleet(many)))
    await deck.press('3', 'z').expect(/↓ \d\d more/)
    await deck.press('G').expectRow('▸ every tool59')
    await deck.press('g').expectRow('▸ every tool0')
  })

  test('is filtered like the pane', async () => {
    const deck = await open(new FakeLink(learnedFleet()))
    await deck.press('3', 'z', '/').expectRow('⏎ keep')
    deck.type('zod').press('enter')
    await deck.expectRow('hint 0', 'candidate 1', 'confirmed 0')
  })
})

describe('one rule', () => {
  test('shows its effect, what it needs, its evidence, its conflicts and its history, live', async () => {
    const all = rules()
    const link = new FakeLink(learnedFleet(all))
    let row = all.find(({ id }) => id === 'policy_c3') as RuleRow
    link.answers.set('rule.get', () => aDetail(row, { playbooks: ['playbook_releases'] }))
    const deck = await open(link)
    await deck
      .press('3', 'j', 'j', 'j', 'enter')
      .expect('Always ask before every git push, for every agent.')
    await deck.expect('last ✓✕✓')
    await deck.expect('another confirmed rule contradicts it')
    await deck.expect(
      '⚠ Allow every git push without asking, for every agent. (confirmed, policy_k1)',
    )
    await deck.expect('playbook_releases')
    await deck.expect('History, latest first')
    await deck.expect('## Auto execute')
    row = { ...row, conflicts: [], missing: [], status: 'confirmed' }
    update(link, row)
    await deck.expect('✓ confirmed: answers for you')
    expect(link.sent('rule.get').length).toBe(2)
  })

  test('y shows what it would have changed before it confirms', async () => {
    const link = new FakeLink(learnedFleet())
    let answer = (): void => undefined
    link.answers.set(
      'rule.simulate',
      () =>
        new Promise((resolve) => {
          answer = () => resolve(aSimulation())
        }),
    )
    const deck = await open(link)
    await deck.press('3', 'j', 'y').expect('Before you confirm npm install zod@4')
    await deck.press('y').expect('still being replayed')
    expect(link.sent('rule.confirm')).toEqual([])
    answer()
    await deck.expect('3 of 41 questions would have changed: 3 allowed')
    await deck.press('y').expect('done')
    expect(link.sent('rule.simulate', 'rule.confirm')).toEqual([
      { id: 'rule.simulate', input: { what: 'policy_c1', act: 'confirm' } },
      { id: 'rule.confirm', input: { id: 'policy_c1' } },
    ])
  })

  test('a rule that would have allowed something severe takes another key', async () => {
    const link = new FakeLink(learnedFleet())
    link.answers.set('rule.simulate', () => SEVERE)
    const deck = await open(link)
    await deck.press('3', 'j', 'y').expect('⚠ 1 of them has high risk')
    await deck.expectRow('⚠ backend: exec npm install evil')
    await deck.press('y').expect('Press a to confirm')
    expect(link.sent('rule.confirm')).toEqual([])
    await deck.press('a').expect('done')
    expect(link.sent('rule.confirm')).toEqual([{ id: 'rule.confirm', input: { id: 'policy_c1' } }])
  })

  test('t shows changes without making them; a whole playbook can be confirmed', async () => {
    const all = rules()
    const link = new FakeLink(learnedFleet(all))
    link.answers.set('rule.simulate', () => aSimulation())
    link.answers.set('rule.get', () => aDetail(all[0] as RuleRow, { playbooks: ['playbook_1'] }))
    link.answers.set('playbook.list', () => [
      {
        id: 'playbook_1',
        summary: 'releases',
        category: '',
        trigger: [],
        rules: ['policy_c1', 'policy_c2', 'policy_k1'],
        confidence: 1,
        confirmed: 1,
      },
    ])
    const deck = await open(link)
    await deck.press('3', 'j', 't').expect('This changes nothing')
    await deck.press('esc').expectGone('This changes nothing')
    await deck.press('y').expect('all of “releases” instead: 3 rules, 1 confirmed')
    await deck.press('P').expect('Before you confirm 2 rules')
    await deck.expect('each rule was tried alone')
    await deck.press('y').expect('done')
    expect(link.sent('rule.confirm', 'playbook.apply')).toEqual([
      { id: 'playbook.apply', input: { id: 'playbook_1', act: 'confirm' } },
    ])
  })

  test('suspend, resume, archive after a question, and why an act is not possible', async () => {
    const link = new FakeLink(learnedFleet())
    const deck = await open(link)
    await deck.press('3', 'p').expect('is suspended')
    await deck.press('u').expect('Resume rule “pip install requests”: done')
    await deck.press('x').expect('Archive rule “pip install requests”?')
    await deck.expect('Allow pip install requests without asking, for reviewer.')
    await deck.press('y').expect('Archive rule “pip install requests”: done')
    expect(link.sent('rule.suspend', 'rule.resume', 'rule.archive').map(({ id }) => id)).toEqual([
      'rule.resume',
      'rule.archive',
    ])
  })

  test('its form sends only what changed', async () => {
    const link = new FakeLink(learnedFleet([aRule('policy_c1')]))
    const deck = await open(link)
    await deck.press('3', 'e').expect('Change: git push origin main')
    deck
      .press('tab', 'tab', 'ctrl-u')
      .type('runs:git push')
      .press('up', 'up', 'up')
      .type('')
      .press('right')
    await deck.expect('1 day')
    deck.press('enter')
    await deck.expect('done')
    expect(link.sent('rule.edit')).toEqual([
      {
        id: 'rule.edit',
        input: { id: 'policy_c1', trigger: ['task_type:exec', 'runs:git push'], days: '1' },
      },
    ])
  })

  test('marked rules are merged into the one under the cursor', async () => {
    const link = new FakeLink(
      learnedFleet([
        aRule('policy_1', { changedAt: 9 }),
        aRule('policy_2', { changedAt: 8, trigger: ['runs:git push'] }),
      ]),
    )
    const deck = await open(link)
    await deck.press('3', 'm').expect('Mark rules with Space')
    await deck.press('space').expect('1 marked')
    await deck.press('m').expect('Merge 2 rules?')
    await deck.expect('stays: Allow every git push without asking')
    await deck.press('y').expect('done')
    expect(link.sent('rule.merge')).toEqual([
      { id: 'rule.merge', input: { ids: ['policy_2', 'policy_1'] } },
    ])
  })
})
