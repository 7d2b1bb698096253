import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { holdTerminal } from '../../../../src/domain/shells/held-terminal.ts'
import type { HeldTerminal } from '../../../../src/domain/shells/held-terminal.ts'
import { openPane } from '../../../../src/doors/console/terminal/pane.ts'
import { attachWhole } from '../../../../src/doors/console/terminal/whole.ts'
import { emulatorWith, fed, localPty, cells, seen } from '../../../support/screens.ts'
import { hostOn, linkTo, shellOf } from '../../../support/terminal-host.ts'
import { until } from '../../../support/until.ts'

const SIZE = { columns: 80, rows: 24 }
const held: HeldTerminal[] = []

afterEach(async () => {
  for (const holder of held.splice(0)) await holder.end()
})

async function terminalOn(argv: string[], shells = [shellOf('a1')]) {
  const holder = await holdTerminal(localPty(argv, SIZE), SIZE)
  held.push(holder)
  const outer = await emulatorWith(SIZE, 'what was here before\r\n$ ')
  const link = linkTo({ shl_1: holder }, shells)
  const console = hostOn(outer, link, SIZE)
  const text = () =>
    cells(outer, false)
      .map((row) => row.replace(/\{[^}]*\}/g, '').trimEnd())
      .join('\n')
  return {
    ...console,
    link,
    holder,
    outer,
    text,
    shows: (what: RegExp) => until(`the terminal to show ${what}`, () => what.test(text())),
  }
}

describe('a shell in the whole terminal', () => {
  it('takes keys and shows output until Ctrl-], and the shell keeps running', async () => {
    const { host, type, shows, fedBack, holder, outer } = await terminalOn(['/bin/sh'])
    const end = attachWhole(host, { agent: 'a1' })
    await shows(/^\$/)
    type('echo $((40+2))\r')
    await shows(/42/)
    type('\x1dq')
    expect(await end).toEqual({
      why: 'left',
      exitCode: null,
      note: 'Left the shell of a1, which keeps running. To return: clawdeck attach a1',
    })
    expect([fedBack, holder.exitCode, type('x')]).toEqual([['q'], undefined, false])
    await shows(/keeps running/)
    const above = Array.from({ length: outer.buffer.active.baseY }, (_, y) =>
      outer.buffer.active.getLine(y)?.translateToString(true),
    )
    expect(above).toContain('what was here before')
  })

  it('leaves the terminal as it found it, whatever the program had switched on', async () => {
    const program =
      "printf '\\033[?1049h\\033[?25l\\033[?1h\\033[?1002h\\033[?1006h\\033[?2004h\\033[4h\\033[2;5r\\033[31m\\033(0q\\033]0;mine\\007\\033]52;c;aGk=\\007in'; read x"
    const { host, type, shows, outer, written } = await terminalOn(['/bin/sh', '-c', program])
    const modes = { ...outer.modes }
    const end = attachWhole(host, { agent: 'a1' })
    await shows(/─└│|─/)
    expect(outer.buffer.active.type).toBe('alternate')
    type('\x1d')
    await end
    await fed(outer, '')
    expect(outer.buffer.active.type).toBe('normal')
    expect(seen(outer)).toMatchObject({ modes, cursorHidden: false, margins: [0, 23], pen: '0' })
    expect(written.join('')).not.toMatch(/\x1b\]52|mine/)
  })

  it('answers with the exit code', async () => {
    const { host, type, shows } = await terminalOn(['/bin/sh', '-c', 'echo ready; read x; exit 9'])
    const end = attachWhole(host, { agent: 'a1' })
    await shows(/ready/)
    type('\r')
    expect(await end).toMatchObject({
      why: 'exit',
      exitCode: 9,
      note: 'The shell of a1 ended with exit code 9.',
    })
  })

  it('forwards a new size', async () => {
    const { host, stdout, type, shows, outer } = await terminalOn(['/bin/sh'])
    const end = attachWhole(host, { agent: 'a1' })
    await shows(/^\$/)
    Object.assign(stdout, { columns: 100, rows: 20 })
    outer.resize(100, 20)
    stdout.emit('resize')
    type('stty size\r')
    await shows(/20 100/)
    type('\x1d')
    await end
  })

  it('keeps the panes of the console off the screen', async () => {
    const { host, type, shows, written, frame } = await terminalOn(['/bin/sh'])
    const pane = await openPane(host, {
      agent: 'a1',
      rect: { x: 50, y: 0, width: 20, height: 5 },
      events: { left: () => undefined, ended: () => undefined },
    })
    onTestFinished(() => pane.close())
    await until('the pane to be painted', () => written.join('').includes('\x1b7'))
    const end = attachWhole(host, { agent: 'a1' })
    await shows(/^\$/)
    written.length = 0
    type('echo whole\r')
    await shows(/^whole$/m)
    frame()
    expect(written.join('')).not.toContain('\x1b7')
    type('\x1d')
    await end
    frame()
    expect(written.join('')).toContain('\x1b7')
  })

  it('says when the supervisor is lost', async () => {
    const { host, link, shows } = await terminalOn(['/bin/sh'])
    const end = attachWhole(host, { agent: 'a1' })
    await shows(/^\$/)
    link.cut()
    expect(await end).toMatchObject({
      why: 'lost',
      exitCode: null,
      note: expect.stringMatching(/^Lost the shell of a1/),
    })
  })

  it('comes back to the open shell, opens a new one when asked, and refuses one that is over', async () => {
    const { host, link, type, shows } = await terminalOn(['/bin/sh'])
    const end = attachWhole(host, { agent: 'a1', fresh: true })
    await shows(/^\$/)
    type('\x1d')
    await end
    expect(link.asked).toEqual(['shell.open {"agent":"a1","columns":80,"rows":24}'])
    await expect(attachWhole(host, { agent: 'a1', shell: 'shl_gone' })).rejects.toMatchObject({
      code: 'shell.ended',
    })
  })
})
