import { afterEach, describe, expect, test } from 'vitest'
import type { Agreement, Approval, Quorum } from '../../../src/domain/approvals/types.ts'
import { fleet } from '../../support/fake-fleet.ts'
import { FakeLink } from '../../support/fake-link.ts'
import { anApproval } from '../../support/fake-rows.ts'
import { Screen } from '../../support/screen.ts'
import { until } from '../../support/until.ts'

let screen: Screen
const open = async (link: FakeLink, columns = 110, rows = 30): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('Approvals')
}
afterEach(() => screen.close())

const agreed: Agreement = {
  operator: 'ada',
  kind: 'person',
  actor: 'operator:ada/console/dev_1',
  at: 1,
  digest: 'd',
  edited: null,
  lease: null,
  note: '',
}
const quorum: Quorum = {
  rules: [{ atLeast: 2, of: null, notStarter: false }],
  starter: 'maya',
  agreements: [agreed],
  agreed: ['ada'],
  missing: [{ count: 1, of: null, not: null }],
}
const waits = (over: Partial<Approval> = {}) => anApproval('apr_9', { agent: 'scout', ...over })
const told = (row: Approval) => ({ noun: 'approval', id: row.id, row }) as const

describe('another console at the same question', () => {
  test('is named at that question while it is there, and not elsewhere', async () => {
    const link = new FakeLink({ ...fleet(), approvals: [waits()] })
    const deck = await open(link)
    await deck.press('2').expectRow('▸', 'scout')
    const row = { id: 'apr_9', agent: 'scout', operators: ['ada', 'maya'] }
    link.push([{ noun: 'looking', id: 'apr_9', row }])
    await deck.expect('ada is looking at this')
    await deck.press('enter').expect(/ada is looking at this · ⧗ denied in/)
    link.push([{ noun: 'looking', id: 'apr_9', row: null }])
    await deck.expectGone('is looking at this')
  })

  test('is told of the question that is open here for a moment, until it is left', async () => {
    const link = new FakeLink({ ...fleet(), approvals: [waits()] })
    const deck = await open(link)
    expect(link.looked).toEqual([])
    await deck.press('2').expectRow('▸', 'scout')
    await until('others are told', () => link.looked.length === 1)
    await deck.press('1')
    await until('and that it is left', () => link.looked.length === 2)
    expect(link.looked).toEqual(['apr_9', ''])
  })

  test('that decides first is named to whoever had it open', async () => {
    const link = new FakeLink({ ...fleet(), approvals: [waits()] })
    const deck = await open(link)
    await deck.press('2').expectRow('▸', 'scout')
    link.push([told(waits({ state: 'allowed', by: 'operator:ada/console/dev_1' }))])
    await deck.expect(/ada allowed this: scout/)
  })
})

describe('whoever is at this console', () => {
  test.each([
    [{ operator: 'ada', local: false, role: 'operator', agents: null }, 'ada · operator'],
    [{ operator: 'tom', local: false, role: 'viewer', agents: ['a'] }, 'tom · viewer · 1 agent'],
  ] as const)('is named in the header: %j', async (me, text) => {
    const link = new FakeLink(fleet())
    link.me = { ...me, agents: me.agents === null ? null : [...me.agents] }
    await (await open(link, 80, 24)).expect(text)
  })

  test('is not named where it is who runs the deck', async () => {
    const deck = await open(new FakeLink(fleet()), 80, 24)
    await deck.expectGone('maya')
  })
})

describe('a question of several people', () => {
  test('shows how many agreed, and whose word is missing', async () => {
    const deck = await open(new FakeLink({ ...fleet(), approvals: [waits({ quorum })] }), 80, 24)
    await deck.press('2').expectRow('▸', '1/2')
    await deck.expect('ada agreed · waits for 1 more person')
    await deck.press('enter').expect('Who has to agree')
    await deck.expect('✓ ada agreed to this, as operator:ada/console/dev_1')
  })

  test('stays after a key allowed it, and says what it waits for', async () => {
    const before = {
      ...quorum,
      agreements: [],
      agreed: [],
      missing: [{ count: 2, of: null, not: null }],
    }
    const link = new FakeLink({ ...fleet(), approvals: [waits({ quorum: before })] })
    link.answers.set('approval.allow', () => ({ decided: [waits({ quorum })], failed: [] }))
    const deck = await open(link)
    await deck.press('2').expect('y allow')
    await deck
      .press('y')
      .expect('Agreed, and not decided yet: ada agreed · waits for 1 more person')
    await deck.expect('y allow')
  })

  test('offers in the form what somebody else would allow', async () => {
    const other = { ...agreed, edited: { ...waits().action, target: 'git push origin dev' } }
    const edited = { ...quorum, agreements: [other] }
    const deck = await open(new FakeLink({ ...fleet(), approvals: [waits({ quorum: edited })] }))
    await deck.press('2').expect('y allow')
    await deck.press('e').expect('agreements to the same add up.')
    await deck.expect('git push origin dev')
  })
})
