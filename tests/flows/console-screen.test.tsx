import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import { anAgent, anApproval } from '../support/fake-rows.ts'
import { Screen, stopClock } from '../support/screen.ts'

let screen: Screen
const open = async (link: FakeLink, columns = 110, rows = 30): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect(/\d up/)
}
afterEach(() => screen.close())

describe('the screen', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 50],
    [60, 16],
  ])('at %i×%i the screen is filled and nothing overflows', async (columns, rows) => {
    const deck = await open(new FakeLink(fleet()), columns, rows)
    await deck.expect('⎋ back')
    expect(deck.lines()[0]).toContain('clawdeck')
    expect(deck.lines()[rows - 1]).toContain('⎋ back')
    for (const title of ['Agents', 'Approvals', 'Policies', 'Audit']) await deck.expect(title)
  })

  test('resizes live, up and down', async () => {
    const deck = await open(new FakeLink(fleet()), 120, 40)
    deck.resize(80, 24)
    await deck.until(
      () =>
        deck.lines()[23]?.includes('⎋ back') === true &&
        deck.lines()[1]?.startsWith('━ 1 Agents') === true,
    )
    deck.resize(120, 40)
    await deck.until(
      () =>
        deck.lines()[39]?.includes('⎋ back') === true &&
        deck.lines()[1]?.startsWith('┏ 1 Agents') === true,
    )
  })

  test("the operator's theme is read again when it is saved", async () => {
    const themes = mkdtempSync(join(tmpdir(), 'themes-'))
    const save = (colour: string): void =>
      writeFileSync(join(themes, 'dark.yaml'), `name: dark\nroles:\n  brand: { fg: '${colour}' }\n`)
    save('#010203')
    screen = new Screen(100, 30).open(new FakeLink(fleet()), { home: { themes } })
    await screen.expect(/\d up/)
    expect(screen.bytes).toContain('38;2;1;2;3m clawdeck')
    save('#040506')
    await screen.until(() => screen.bytes.includes('38;2;4;5;6m clawdeck'))
    save('red')
    await screen.expect('a colour is #rrggbb')
  })

  test('without colour everything is still shown', async () => {
    screen = new Screen(110, 30).open(new FakeLink(fleet()), {
      env: { NO_COLOR: '1', TERM: 'xterm' },
    })
    await screen.expectRow('▸', 'backend')
    await screen.expectRow('! legacy', 'drift: image')
    await screen.expectRow('82', '▇▇▇▇·')
    expect(screen.bytes).not.toMatch(/\u001b\[(3|4|9|10)\d[;m]/)
  })

  test('a new approval rings the bell and sets the title', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.until(() => deck.bytes.includes('\u001b]0;(3) clawdeck'))
    link.ask(anApproval('apr_9'))
    await deck.expect('4 waiting')
    await deck.until(() => /\u0007\u001b\]9;clawdeck: backend asks: exec git push/.test(deck.bytes))
    await deck.until(() => deck.bytes.includes('\u001b]0;(4) clawdeck'))
  })

  test('config.yaml sets the theme and turns off the bell', async () => {
    const link = new FakeLink(fleet())
    screen = new Screen(110, 30).open(link, {
      choice: { theme: 'light', bell: false, notify: true, quietHours: null },
    })
    await screen.expect(/\d up/)
    link.ask(anApproval('apr_9'))
    await screen.expect('4 waiting')
    await screen.until(() => screen.bytes.includes('\u001b]9;clawdeck'))
    expect(screen.bytes).not.toContain('\u0007\u0007')
    await screen.press('T').expect('Theme: contrast')
  })

  test('behind a box the deck is live, and nothing of the box remains', async () => {
    stopClock()
    const link = new FakeLink(fleet())
    const deck = await open(link, 140, 40)
    await deck.press('2').expectRow('y allow', '⎋ back')
    const before = deck.text()
    for (const [key, title] of [
      [':', 'Commands'],
      ['P', 'Add policy'],
      ['e', 'Edit, then allow'],
      ['D', 'to confirm'],
    ] as const) {
      await deck.press(key).expect(title)
      // Beside the box stand the panes.
      await deck.expect('◐ scout')
      await deck.expect(/│$/m)
      await deck.press('esc').until((text) => text === before, `the screen to be as before ${key}`)
    }
    await deck.press(':').expect('Commands')
    link.ask(anApproval('apr_9', { agent: 'legacy', risk: { score: 20, factors: [] } }))
    await deck.expect('4 waiting')
    await deck.expect('type a few letters of a command')
  })

  test('one changed row costs at most 300 bytes', async () => {
    stopClock()
    const link = new FakeLink(fleet())
    const deck = await open(link, 200, 50)
    await deck.expectRow('scout', 'asking')
    const before = deck.bytes.length
    link.agent(
      anAgent('scout', { template: 'security', isolation: 'none', backend: 'local', asking: 2 }),
    )
    await deck.expectRow('scout', 'asking 2')
    const ticks = deck.bytes
      .slice(before)
      .split('\u001b[?2026h')
      .filter((frame) => frame.includes('asking 2'))
    expect(ticks.length).toBeGreaterThan(0)
    expect(Buffer.byteLength(ticks.join(''))).toBeLessThanOrEqual(300)
  })
})
