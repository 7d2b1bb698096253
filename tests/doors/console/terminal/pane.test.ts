import { afterEach, describe, expect, it } from 'vitest'
import { holdTerminal } from '../../../../src/domain/shells/held-terminal.ts'
import type { HeldTerminal } from '../../../../src/domain/shells/held-terminal.ts'
import { openPane } from '../../../../src/doors/console/terminal/pane.ts'
import type { OpenPane, Rect } from '../../../../src/doors/console/terminal-seam.ts'
import { cells, emulatorWith, localPty } from '../../../support/screens.ts'
import { hostOn, linkTo, shellOf } from '../../../support/terminal-host.ts'
import { until } from '../../../support/until.ts'

const OUTER = { columns: 100, rows: 30 }
const RECT: Rect = { x: 10, y: 5, width: 60, height: 12 }
const open: { holder: HeldTerminal; pane: OpenPane }[] = []

afterEach(async () => {
  for (const { holder, pane } of open.splice(0)) {
    pane.close()
    await holder.end()
  }
})

/** A pane on a real shell, in a console whose terminal is an emulator. */
async function paneOn(argv: string[], rect = RECT) {
  const size = { columns: rect.width, rows: rect.height }
  const holder = await holdTerminal(localPty(argv, size), size)
  const outer = await emulatorWith(OUTER, '')
  const link = linkTo({ shl_1: holder }, [shellOf('a1')])
  const console = hostOn(outer, link, OUTER)
  const told: string[] = []
  const pane = await openPane(console.host, {
    agent: 'a1',
    rect,
    events: {
      left: () => told.push('left'),
      ended: (code, note) => told.push(`ended ${code} ${note}`),
    },
  })
  open.push({ holder, pane })
  const text = () =>
    cells(outer, false)
      .slice(rect.y, rect.y + rect.height)
      .map((row) =>
        row
          .replace(/\{[^}]*\}/g, '')
          .slice(rect.x)
          .trimEnd(),
      )
  return {
    ...console,
    holder,
    link,
    pane,
    told,
    outer,
    shows: (what: RegExp) => until(`the pane to show ${what}`, () => what.test(text().join('\n'))),
  }
}

describe('a terminal pane', () => {
  it('shows the shell, takes the keys, and gives them back with what came after Ctrl-]', async () => {
    const { pane, shows, type, told, fedBack, link } = await paneOn(['/bin/sh'])
    await shows(/\$/)
    expect(link.asked[0]).toBe('shell.list {}')
    expect(type('not yet')).toBe(false)
    pane.focus(true)
    type('echo $((40+2))\r')
    await shows(/42/)
    type('left over\x1djj')
    expect([told, fedBack]).toEqual([['left'], ['jj']])
    expect(type('x')).toBe(false)
    await shows(/left over/)
  })

  it('passes no control sequence of the program on', async () => {
    const { shows, written } = await paneOn([
      '/bin/sh',
      '-c',
      "printf '\\033]52;c;aGk=\\007\\033]0;t\\007\\033[?1049h\\033[31mred\\033[6n'; read x",
    ])
    await shows(/red/)
    const all = written.join('').replace(/\x1b\[\?2026[hl]|\x1b[78]|\x1b\[[0-9;]*[mHX]/g, '')
    expect(all).not.toContain('\x1b')
  })

  it('is painted again after each frame of the console, and not while hidden', async () => {
    const { pane, shows, frame, written, holder, listening } = await paneOn([
      '/bin/sh',
      '-c',
      'echo hello; read x',
    ])
    await shows(/hello/)
    written.length = 0
    frame()
    expect(written.join('')).toContain('hello')
    pane.place(null)
    written.length = 0
    frame()
    holder.write(Buffer.from('x'))
    expect(written).toEqual([])
    pane.place(RECT)
    await until('it is back', () => written.join('').includes('hello'))
    pane.close()
    expect(listening()).toBe(0)
  })

  it('resizes the terminal with its box', async () => {
    const { pane, holder, shows, type } = await paneOn(['/bin/sh'])
    await shows(/\$/)
    pane.place({ x: 0, y: 0, width: 44, height: 9 })
    await until('the size arrives', () => holder.columns === 44 && holder.rows === 9)
    pane.place(RECT)
    await until(
      'the size comes back',
      () => holder.columns === RECT.width && holder.rows === RECT.height,
    )
    pane.focus(true)
    type('stty size\r')
    await shows(/12 60/)
  })

  it('speaks to the program in the modes that it set', async () => {
    const { pane, shows, type, written } = await paneOn([
      '/bin/sh',
      '-c',
      "stty raw -echo; printf '\\033[?1h\\033[?1000h\\033[?1006hready'; dd bs=1 count=20 2>/dev/null | od -An -c",
    ])
    await shows(/ready/)
    pane.focus(true)
    expect(written.join('')).toContain('\x1b[?1000h\x1b[?1006h')
    type('\x1b[A\x1b[200~p\x1b[201~\x1b[<0;1;1M\x1b[<0;13;8M')
    type('endofitx')
    await shows(/033 {3}O {3}A {3}p 033 {3}\[ {3}< {3}0 {3}; {3}3 {3}; {3}3/)
    pane.focus(false)
    expect(written.at(-1)).toMatch(/\?1000l.*\?1006l|^\x1b\[\?2026h/)
  })

  it('looks back with Shift and a page key, and forward again with any other', async () => {
    const { pane, shows, type } = await paneOn(['/bin/sh', '-c', 'seq 1 100; read x'])
    await shows(/\n100/)
    pane.focus(true)
    type('\x1b[5;2~')
    await shows(/^79\n/)
    type('k')
    await shows(/\n100\nk/)
  })

  it('says how it ended, after the last words', async () => {
    const { pane, shows, type, told, written } = await paneOn([
      '/bin/sh',
      '-c',
      'read x; echo bye; exit 3',
    ])
    await shows(/^\s*$/)
    pane.focus(true)
    type('\r')
    await until('the end', () => told.length > 0)
    expect(told).toEqual(['ended 3 ended with exit code 3'])
    expect(written.join('')).toContain('bye')
    expect(type('x')).toBe(false)
  })

  it('says when the supervisor is lost', async () => {
    const { told, link, shows } = await paneOn(['/bin/sh'])
    await shows(/\$/)
    link.cut()
    await until('the loss', () => told.length > 0)
    expect(told[0]).toMatch(/^ended null connection lost: /)
  })
})
