import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { FakeLink } from '../../support/fake-link.ts'
import { anAction, anApproval } from '../../support/fake-rows.ts'
import { Screen } from '../../support/screen.ts'

let screen: Screen
afterEach(() => screen.close())

async function open(link: FakeLink, columns = 120, rows = 36): Promise<Screen> {
  screen = new Screen(columns, rows).open(link)
  return screen.expect('journal')
}

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
