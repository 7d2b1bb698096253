import { afterEach, describe, expect, test } from 'vitest'
import { fleet } from '../../support/fake-fleet.ts'
import { FakeLink } from '../../support/fake-link.ts'
import { aRule, learnedFleet } from '../../support/fake-rules.ts'
import { Screen } from '../../support/screen.ts'
import { allowed, asks, decided, longCommand, readToEnd, withRisk } from './deciding.ts'

let screen: Screen
afterEach(() => screen.close())

async function open(link: FakeLink, columns = 120, rows = 36): Promise<Screen> {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}

describe('a key acts only on what is shown', () => {
  const three = () => [
    asks('apr_1', 'npm install right-pad'),
    asks('apr_2', 'git push origin main'),
    asks('apr_3', 'npm install left-pad'),
  ]

  test('filtering puts the cursor on a row that is shown, and y allows what the card shows', async () => {
    const link = new FakeLink({ approvals: three() })
    const deck = await open(link)
    await deck.press('2').expectRow('▸', 'right-pad')
    deck.type('/left-pad')
    await deck.press('enter').expectRow('▸', 'left-pad')
    await deck.expect('1 of 3 waiting')
    expect(deck.text()).not.toContain('right-pad')
    await deck.expect('y allow')
    await deck.press('y').expect('Allowed: backend npm install left-pad')
    expect(allowed(link)).toEqual([['apr_3']])
  })

  test('a filter that hides every row leaves nothing to decide', async () => {
    const link = new FakeLink({ approvals: three() })
    const deck = await open(link)
    deck.press('2').type('/nowhere').press('enter')
    await deck.expect('No match for “nowhere”')
    await deck.press('y').expect('Allow: select an approval first')
    await deck.press('n').expect('Deny: select an approval first')
    expect(decided(link)).toEqual([])
    await deck.press('esc').expectRow('▸', 'right-pad')
  })

  test('with a filter, space marks the row that is shown', async () => {
    const link = new FakeLink({ approvals: three() })
    const deck = await open(link)
    deck.press('2').type('/left-pad')
    await deck.press('enter').expectRow('▸', 'left-pad')
    await deck.press('space').expectRow('◆', 'left-pad')
    await deck.press('esc').expectRow('◆', 'left-pad')
    await deck.expect('1 marked')
    expect(deck.lines().filter((line) => line.includes('◆'))).toHaveLength(1)
  })

  test('marks outside of the filter are counted, and shown before they are decided', async () => {
    const link = new FakeLink({ approvals: three() })
    const deck = await open(link)
    await deck.press('2').expectRow('▸', 'right-pad')
    deck.press('space').type('/left-pad')
    await deck.press('enter').expectRow('▸', 'left-pad')
    await deck.press('space').expect('2 marked (1 outside of the filter)')
    await deck.press('n').expect('1 of them is outside of the filter')
    await deck.expect('npm install right-pad')
    await deck.press('d').expect('Denied 2')
    expect(decided(link)).toEqual([{ id: 'approval.deny', input: { ids: ['apr_1', 'apr_3'] } }])
  })

  test('a single mark away from the cursor is shown before it is decided', async () => {
    const link = new FakeLink({ approvals: three() })
    const deck = await open(link)
    await deck.press('2').expectRow('▸', 'right-pad')
    await deck.press('space').expectRow('▸', 'git push origin main')
    await deck.press('n').expect('Deny the marked one, at risk 45?')
    await deck.expect('npm install right-pad')
    expect(decided(link)).toEqual([])
    await deck.press('d').expect('Denied: backend npm install right-pad')
    expect(decided(link)).toEqual([{ id: 'approval.deny', input: { ids: ['apr_1'] } }])
  })

  test('an approval that arrives does not take the cursor of a filter', async () => {
    const link = new FakeLink({ approvals: three() })
    const deck = await open(link)
    deck.press('2').type('/left-pad')
    await deck.press('enter').expectRow('▸', 'left-pad')
    link.ask(asks('apr_0', 'npm install left-pad-evil', withRisk(99)))
    await deck.expectRow('left-pad-evil')
    await deck.expectRow('▸', /left-pad(?!-evil)/)
  })

  test('leaving the board with the cursor on an archived rule puts it on a row of the list', async () => {
    const link = new FakeLink(learnedFleet([aRule('r1', { trigger: ['runs:npm'] })], 1))
    link.answers.set('rule.list', () => [
      aRule('r9', { status: 'archived', trigger: ['runs:yarn'] }),
    ])
    const deck = await open(link)
    await deck.press('3', 'z').expect('yarn')
    await deck.press('right').expectRow('▸', 'yarn')
    await deck.press('z').expectRow('▸', 'npm')
  })
})

describe('many at once', () => {
  const mixed = () => [
    asks('apr_1', 'git status', withRisk(20)),
    asks('apr_2', 'rm -rf /data', withRisk(95)),
    asks('apr_3', 'npm test', withRisk(30)),
  ]

  async function marked(link: FakeLink, columns?: number, rows?: number): Promise<Screen> {
    const deck = await open(link, columns, rows)
    await deck.press('2').expectRow('▸', 'rm -rf /data')
    return deck.press('space', 'space', 'space').expect('3 marked')
  }

  test('y names how many and the worst of them, and another key allows them', async () => {
    const link = new FakeLink({ approvals: mixed() })
    const deck = await marked(link)
    await deck.press('y').expect('Allow 3, the worst at risk 95?')
    await deck.expect('3 at once, from 1 agent. The worst, at risk 95, comes first.')
    for (const command of ['git status', 'rm -rf /data', 'npm test']) await deck.expect(command)
    await deck.press('y').expect('Press a to confirm')
    expect(decided(link)).toEqual([])
    await deck.press('a').expect('Allowed 3')
    expect(allowed(link)).toEqual([['apr_2', 'apr_3', 'apr_1']])
  })

  test('what does not fit on the screen has to be read before the key works', async () => {
    const link = new FakeLink({
      approvals: [...mixed(), asks('apr_4', longCommand(2000), withRisk(10))],
    })
    const deck = await open(link, 80, 24)
    await deck.press('2').expectRow('▸', 'rm -rf /data')
    await deck.press('space', 'space', 'space', 'space').expect('4 marked')
    await deck.press('y').expect('Allow 4, the worst at risk 95?')
    await deck.press('a').expect('Nothing was decided: read to the end first')
    expect(decided(link)).toEqual([])
    await readToEnd(deck, 'a  allow all 4')
    await deck.press('a').expect('Allowed 4')
  })

  test('one that was decided by others meanwhile is said, the others are decided', async () => {
    const link = new FakeLink({ approvals: mixed() })
    link.answers.set('approval.deny', (input) => {
      link.decideNow('apr_1', 'allowed')
      return link.decideAll(input, 'denied')
    })
    const deck = await marked(link)
    await deck.press('n').expect('Deny 3, the worst at risk 95?')
    await deck.press('d').expect('Denied 2')
    await deck.expect('Not decided: 1 approval. already decided by operator:cli')
  })
})

describe('what the deck has deleted', () => {
  test.each([
    ['agent', 'legacy', 'drift: image'],
    ['approval', 'apr_2', 'api.stripe.com'],
    ['lease', 'lea_1', '14/20'],
    ['policy', 'pol_1', '44×'],
  ] as const)('leaves the screen: %s %s', async (noun, id, words) => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.expect(words)
    link.push([{ noun, id, row: null }])
    await deck.expectGone(words)
  })
})
