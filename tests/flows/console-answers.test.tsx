import { afterEach, expect, test } from 'vitest'
import { FakeLink } from '../support/fake-link.ts'
import { learnedFleet } from '../support/fake-rules.ts'
import { Screen } from '../support/screen.ts'

let screen: Screen
const open = async (link: FakeLink, columns = 120, rows = 40): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}
afterEach(() => screen.close())

test('the palette shows the attention budget and suggestions, and applies none', async () => {
  const link = new FakeLink(learnedFleet())
  link.answers.set('budget.set', () => ({
    perHour: 6,
    now: 9,
    usual: 8.24,
    hours: 3,
    questions: 25,
    today: 8.24,
    after: 2,
    rest: [{ because: 'the lock always asks', perHour: 1.5 }],
    proposals: [
      {
        kind: 'rule',
        text: 'a rule that allows npm test',
        width: 'exact',
        agent: 'backend',
        approval: 'apr_1',
        saves: 6.24,
        past: [{ target: 'npm test', times: 20, allowed: 20, denied: 0, expired: 0 }],
        more: 0,
        command: 'clawdeck policy propose apr_1 --width exact',
      },
    ],
  }))
  const deck = await open(link)
  await deck.press(':').expect('Commands')
  deck.type('budget').press('enter')
  await deck.expectRow('at most 6 an hour')
  await deck.expectRow('saves 6.2 an hour: a rule that allows npm test')
  await deck.expectRow('clawdeck policy propose apr_1 --width exact')
  await deck.expectRow('1.5 an hour: the lock always asks')
  expect(link.asked.filter(({ id }) => id === 'budget.set')).toEqual([
    { id: 'budget.set', input: {} },
  ])
})

test('in a small terminal help shows all of what a key does', async () => {
  const deck = await open(new FakeLink(learnedFleet()), 80, 24)
  await deck.press('1', '?').expectRow('Open a shell of the pod in a pane')
  await deck.expectRow('leaves; the shell keeps')
})
