import { afterEach, describe, expect, test } from 'vitest'
import type { Link } from '../../src/doors/operator/link.ts'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import { anAction, anApproval } from '../support/fake-rows.ts'
import { Screen, stopClock } from '../support/screen.ts'

let screen: Screen
const open = async (link: Link, columns = 110, rows = 30): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}
afterEach(() => screen.close())

/** What was decided; what was confirmed with it is checked by the deck. */
const decided = (link: FakeLink) =>
  link.asked
    .filter((a) => a.id.startsWith('approval.'))
    .map(({ id, input }) => {
      const { confirm: _, ...rest } = input
      return { id, input: rest }
    })

describe('deciding', () => {
  test('one key allows the row under the cursor, shown as sent until the deck confirms', async () => {
    const link = new FakeLink(fleet())
    let confirm = (): void => undefined
    link.answers.set(
      'approval.allow',
      (input) =>
        new Promise((resolve) => {
          confirm = () => resolve(link.decideAll(input, 'allowed'))
        }),
    )
    const deck = await open(link)
    await deck.press('2', 'j').expectRow('▸', 'POST api.stripe.com')
    await deck.expect('y allow')
    await deck.press('y').expectRow('POST api.stripe.com', 'allowing…')
    expect(decided(link)).toEqual([{ id: 'approval.allow', input: { ids: ['apr_2'] } }])
    confirm()
    await deck.expect('Allowed: scout')
    await deck.expect('2 waiting')
  })

  test('high risk takes a second, different key and says why', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2').expect('y allow')
    await deck.press('y').expect('Allow at risk 82?')
    await deck.expect('not reversible +25')
    await deck.press('y').expect('Press a to confirm')
    expect(decided(link)).toEqual([])
    deck.press('a')
    await deck.expect('Allowed: backend')
    expect(decided(link)).toEqual([{ id: 'approval.allow', input: { ids: ['apr_1'] } }])
  })

  test('a new approval never moves under the cursor', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'j').expectRow('▸', 'POST api.stripe.com')
    link.ask(
      anApproval('apr_0', {
        agent: 'legacy',
        risk: { score: 99, factors: [] },
        action: anAction({ target: 'rm -rf /' }),
      }),
    )
    await deck.expect('4 waiting')
    await deck.expectRow('▸', 'POST api.stripe.com')
    deck.press('n')
    await deck.expect('Denied: scout')
    expect(decided(link)).toEqual([{ id: 'approval.deny', input: { ids: ['apr_2'] } }])
  })

  test('a key just after the row changed by itself decides nothing, and says so', async () => {
    const clock = stopClock()
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'j').expectRow('▸', 'POST api.stripe.com')
    link.decideNow('apr_2', 'denied')
    await deck.expectRow('▸', 'write docs/plan.md')
    await deck.press('n').expect('Nothing was decided')
    expect(decided(link)).toEqual([])
    clock.pass(200)
    await deck.press('n').expect('Denied: reviewer')
    expect(decided(link)).toEqual([{ id: 'approval.deny', input: { ids: ['apr_3'] } }])
  })

  test('pasted text is not a command', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    deck.press('2', 'j', '\u001b[200~ynYN\r\u001b[201~')
    await deck.expect('Pasted text is not run as a command')
    expect(decided(link)).toEqual([])
  })

  test('keys that arrive together are split', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    deck.press('2jjn')
    await deck.expect('Denied: reviewer')
    expect(decided(link)).toEqual([{ id: 'approval.deny', input: { ids: ['apr_3'] } }])
  })

  test('a key that arrives together with its high-risk question does not confirm it', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2').expect('y allow')
    await deck.press('ya').expect('Allow at risk 82?')
    await deck.press('esc').expectGone('Allow at risk 82?')
    expect(decided(link)).toEqual([])
  })

  test('marked approvals are decided together', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'space', 'space').expect('2 marked')
    await deck.press('n').expect('Deny 2, the worst at risk 82?')
    await deck.expect('2 at once, from 2 agents')
    await deck.press('d').expect('1 waiting')
    expect(decided(link)).toEqual([{ id: 'approval.deny', input: { ids: ['apr_1', 'apr_2'] } }])
  })

  test('a second decision says who decided first', async () => {
    const link = new FakeLink(fleet())
    link.answers.set('approval.deny', () => {
      link.decideNow('apr_1', 'allowed')
      return link.decideAll({ ids: ['apr_1'] }, 'denied')
    })
    const deck = await open(link)
    deck.press('2', 'n')
    await deck.expect('Not decided: already decided by operator:cli')
  })

  test('a lease has a target, uses and a time', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'j').expectRow('▸', 'POST api.stripe.com')
    await deck.expect('y allow')
    await deck.press('Y').expect('Allow more like this')
    deck.press('right', 'tab', 'tab', 'backspace', '3', 'tab', 'ctrl-u').type('15').press('enter')
    await deck.expect('2 waiting')
    expect(decided(link)).toEqual([
      {
        id: 'approval.allow',
        input: {
          ids: ['apr_2'],
          lease: { target: 'POST api.stripe.com/v1/charges', uses: '3', minutes: '15' },
        },
      },
    ])
  })

  test('a form says what is wrong and stays open', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'j', 'Y').expect('Allow more like this')
    deck.press('right', 'tab', 'tab', 'ctrl-u').type('0').press('enter')
    await deck.expect('✕ lease.uses: must be at least 1')
    expect(decided(link)).toEqual([])
  })

  test('edit, then allow; and a reason for the agent', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'j', 'e').expect('Edit, then allow')
    deck.type('?dry=1').press('enter')
    await deck.expect('Allow?')
    await deck.expect('scout wants: net POST api.stripe.com/v1/charges?dry=1')
    await deck.press('a').expect('2 waiting')
    await deck.expectGone('Edit, then allow')
    await deck.press('r').expect('Decide with a reason')
    deck.press('tab').type('not today').press('enter')
    await deck.expect('1 waiting')
    // What was edited is judged first, then shown whole.
    expect(decided(link).slice(1)).toEqual([
      {
        id: 'approval.allow',
        input: { ids: ['apr_2'], target: 'POST api.stripe.com/v1/charges?dry=1' },
      },
      { id: 'approval.deny', input: { ids: ['apr_3'], note: 'not today' } },
    ])
  })

  test('never: denies, and blocks exactly this from now on', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'N').expect('Deny and remember')
    await deck.expect('[block exactly this]')
    deck.press('enter')
    await deck.expect('2 waiting')
    expect(decided(link)).toEqual([
      { id: 'approval.deny', input: { ids: ['apr_1'], remember: true } },
    ])
  })
})
