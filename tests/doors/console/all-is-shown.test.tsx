import { afterEach, describe, expect, test } from 'vitest'
import { FakeLink } from '../../support/fake-link.ts'
import { Screen } from '../../support/screen.ts'
import { allowed, asks, decided, HARM, longCommand, readToEnd, withRisk } from './deciding.ts'

let screen: Screen
afterEach(() => screen.close())

async function open(link: FakeLink, columns = 120, rows = 36): Promise<Screen> {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}

describe('all of what will run', () => {
  for (const [columns, rows, letters] of [
    [80, 24, 900],
    [120, 36, 3000],
    [200, 50, 9000],
  ] as const)
    test(`is on the card at ${columns}×${rows}, or y says that it was not shown`, async () => {
      const link = new FakeLink({
        approvals: [asks('apr_1', longCommand(letters)), asks('apr_2', 'git status')],
      })
      const deck = await open(link, columns, rows)
      await deck.press('2').expectRow('▸', 'harmless')
      await deck.expect(/lines 1–\d+ of \d+/)
      expect(deck.text()).not.toContain(HARM)
      await deck.press('y').expect('not all of what will run was on the screen yet')
      expect(decided(link)).toEqual([])
      await readToEnd(deck, HARM)
      await readToEnd(deck, 'in /workspace')
      await deck.expect('y allow')
      await deck.press('y').expect('Allowed: backend')
      expect(allowed(link)).toEqual([['apr_1']])
    })

  test('a short command stands on the card at 80×24', async () => {
    const deck = await open(
      new FakeLink({ approvals: [asks('apr_1', `${'x'.repeat(60)} --force`)] }),
      80,
      24,
    )
    await deck.press('2').expectRow('exec', `${'x'.repeat(60)}`)
    await deck.expectRow('--force')
    await deck.expect('y allow')
  })

  test('the end alone is not all: the middle has to be shown too', async () => {
    const link = new FakeLink({ approvals: [asks('apr_1', longCommand(12_000))] })
    const deck = await open(link, 80, 24)
    await deck.press('2').expectRow('▸', 'harmless')
    await deck.press('enter').expect('backend asks: exec')
    await deck.press('G').expect('Outcome')
    for (let i = 0; i < 2 && !deck.text().includes(HARM); i++) {
      const shown = deck.text()
      await deck.press('pageup').until((text) => text !== shown)
    }
    await deck.expect(HARM)
    await deck.press('y').expect('not all of what will run was on the screen yet')
    expect(decided(link)).toEqual([])
  })

  test('the page of an approval counts as the card does', async () => {
    const link = new FakeLink({ approvals: [asks('apr_1', longCommand(4000))] })
    const deck = await open(link, 80, 24)
    await deck.press('2').expectRow('▸', 'harmless')
    await deck.press('enter').expect('backend asks: exec')
    await readToEnd(deck, HARM)
    await deck.expect('y allow')
    await deck.press('y').expect('Allowed: backend')
  })

  test('a key that arrives together with the move to a row does not allow it', async () => {
    const link = new FakeLink({ approvals: [asks('apr_1', 'npm test'), asks('apr_2', 'npm ci')] })
    const deck = await open(link)
    await deck.press('2').expect('y allow')
    await deck.press('jy').expect('what will run was not on the screen yet')
    expect(decided(link)).toEqual([])
  })

  test('a smaller screen does not take back what was read', async () => {
    const link = new FakeLink({ approvals: [asks('apr_1', longCommand(300))] })
    const deck = await open(link, 200, 50)
    await deck.press('2').expect('y allow')
    deck.resize(80, 24)
    await deck.expect(/lines 1–\d+ of \d+/)
    await deck.press('y').expect('Allowed: backend')
  })

  test('blanks that cannot be seen are marks, and push nothing out of sight', async () => {
    const link = new FakeLink({
      approvals: [asks('apr_1', `git status ${'\u2800'.repeat(2000)}; rm ${HARM}`)],
    })
    const deck = await open(link)
    await deck.press('2').expect('␣␣␣␣')
    await deck.press('y').expect('not all of what will run was on the screen yet')
    await readToEnd(deck, HARM)
    await deck.expect('y allow')
  })
})

describe('high risk', () => {
  test('takes a second key, and all of it is shown again', async () => {
    const link = new FakeLink({ approvals: [asks('apr_1', longCommand(3000), withRisk(95))] })
    const deck = await open(link, 80, 24)
    await deck.press('2').expectRow('▸', 'harmless')
    await readToEnd(deck, 'in /workspace')
    await deck.expect('y allow')
    await deck.press('y').expect('Allow at risk 95?')
    await deck.press('a').expect('Nothing was decided: read to the end first')
    await readToEnd(deck, HARM)
    await readToEnd(deck, 'a  allow')
    await deck.press('a').expect('Allowed: backend')
    expect(decided(link)[0]?.input).toMatchObject({ confirm: { risk: '95' } })
  })

  test('that an edit makes is confirmed as the supervisor says', async () => {
    const link = new FakeLink({ approvals: [asks('apr_1', 'git push', withRisk(40))] })
    link.riskOf = ({ action, risk }) => (action.target.includes('--force') ? 90 : risk.score)
    const deck = await open(link)
    await deck.press('2').expect('y allow')
    await deck.press('e').expect('Edit, then allow')
    deck.type(' --force').press('enter')
    await deck.expect('risk 90: backend wants: exec git push --force')
    await deck.press('a').expect('done')
    expect(allowed(link)).toHaveLength(2)
    expect(decided(link)[1]?.input).toMatchObject({ confirm: { risk: '90' } })
  })
})
