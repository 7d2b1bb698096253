import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import { anAction, anApproval, FakeLink, fleet } from '../../support/fake-link.ts'
import { aRule, learnedFleet } from '../../support/fake-rules.ts'
import { Screen } from '../../support/screen.ts'

let screen: Screen
afterEach(() => screen.close())

async function open(link: FakeLink, columns = 120, rows = 36): Promise<Screen> {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}

const decided = (link: FakeLink) => link.asked.filter(({ id }) => id.startsWith('approval.'))
const allowed = (link: FakeLink) =>
  decided(link).flatMap(({ id, input }) => (id === 'approval.allow' ? [input['ids']] : []))

const asks = (id: string, target: string, part: Partial<Approval> = {}): Approval =>
  anApproval(id, { action: anAction({ target }), ...part })
const withRisk = (score: number) => ({ risk: { score, factors: [] } })

/** A command whose harm is at its end, and all of it when it is read line by line. */
const longCommand = (letters: number): string =>
  `echo ${'harmless words '.repeat(Math.ceil(letters / 15)).slice(0, letters)} ${HARM}`
const HARM = '--delete-everything'

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

/** Reads on until these words are there, each screenful after the one before. */
async function readToEnd(deck: Screen, words: string): Promise<void> {
  for (let before = ''; !deck.text().includes(words);) {
    before = deck.text()
    await deck.press('J').until((text) => text !== before, 'the next lines')
  }
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

describe('nothing is printed outside of its pane', () => {
  /** The cells of the screen that hold sides and corners of frames, as `row:column`. */
  function frames({ terminal }: Screen): string[] {
    const buffer = terminal.buffer.active
    return Array.from({ length: terminal.rows }, (_, y) =>
      Array.from({ length: terminal.cols }, (__, x) => {
        const char =
          buffer
            .getLine(buffer.viewportY + y)
            ?.getCell(x)
            ?.getChars() ?? ''
        return /[│┃┏┓┗┛╭╮╰╯]/.test(char) ? [`${y}:${x}`] : []
      }).flat(),
    ).flat()
  }

  const hostile = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 300 })
    .map((text) => text.replace(/[│┃┏┓┗┛╭╮╰╯]/g, '?'))
  const nasty = fc.oneof(
    hostile,
    fc.constantFrom(
      '\u001b[2J\u001b[H owned',
      '\u202e\u2066 reversed',
      '\u3164'.repeat(200),
      '👩‍👩‍👧‍👦'.repeat(40),
      'e\u0301\u0302\u0303\u0304'.repeat(60),
      '漢'.repeat(150),
      '\u034f\ufe0f\u{e0100}'.repeat(80),
      '\u0e33\u0e33 สวัสดี'.repeat(20),
    ),
  )

  for (const [columns, rows] of [
    [80, 24],
    [120, 36],
    [200, 50],
  ] as const)
    test(`whatever agents write, at ${columns}×${rows}`, async () => {
      const texts = fc.sample(nasty, { numRuns: 24, seed: columns })
      const link = new FakeLink({
        approvals: texts.map((text, i) =>
          anApproval(`apr_${i}`, { action: anAction({ target: text, goal: text, cwd: text }) }),
        ),
      })
      const deck = await open(link, columns, rows)
      const before = frames(deck)
      await deck.press('2').expect('24 waiting')
      for (let i = 1; i < texts.length; i++) {
        const shown = deck.text()
        await deck.press('j').until((now) => now !== shown, 'the cursor to move')
        expect(frames(deck)).toEqual(expect.arrayContaining(before))
      }
    })
})
