import { PassThrough, type Duplex } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import type { Shell } from '../../src/domain/shells/types.ts'
import { PTY_FRAME } from '../../src/commands/wire.ts'
import { exitFrame, FrameReader, framesOf } from '../../src/doors/operator/pty-frames.ts'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import { Screen, stopClock } from '../support/screen.ts'
import { until } from '../support/until.ts'

/** A deck whose shells print what a test says, and record what was typed. */
class ShellLink extends FakeLink {
  typed = ''
  line: PassThrough = new PassThrough()
  private readonly reader = new FrameReader()

  constructor() {
    const shell: Shell = {
      id: 'shl_1',
      agent: 'backend',
      title: 'bash',
      argv: ['bash'],
      columns: 80,
      rows: 24,
      state: 'open',
      openedAt: Date.now(),
      openedBy: 'operator:console',
      endedAt: null,
      exitCode: null,
      note: '',
      handle: '',
    }
    super({ ...fleet(), shells: [shell] })
    this.answers.set('shell.list', () => [shell])
  }

  override async attach(): Promise<Duplex> {
    const down = new PassThrough()
    const up = new PassThrough()
    up.on('data', (bytes: Buffer) => {
      for (const { kind, payload } of this.reader.push(bytes))
        if (kind === PTY_FRAME.data) this.typed += payload.toString()
    })
    this.line = down
    const { Duplex: Both } = await import('node:stream')
    return Both.from({ readable: down, writable: up })
  }

  say(text: string): void {
    for (const frame of framesOf(PTY_FRAME.reset, Buffer.from(text))) this.line.write(frame)
  }
  exit(code: number): void {
    this.line.write(exitFrame(code))
  }
}

let screen: Screen
const shell = async (link: ShellLink, columns = 140, rows = 40): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  await screen.expect(/\d up/)
  await screen.press('a').expect('KEYS GO HERE')
  link.say('$ ready')
  return screen.expect('$ ready')
}
afterEach(() => screen.close())

describe('a shell in a pane', () => {
  test('gets the keys until Ctrl-]', async () => {
    const link = new ShellLink()
    const deck = await shell(link)
    deck.type('ls q')
    await until('the shell to get the keys', () => link.typed === 'ls q')
    await deck.press('\u001d').expectGone('KEYS GO HERE')
    await deck.press('?').expect('keys that work now')
    expect(link.typed).toBe('ls q')
  })

  test('when it ends by itself, what is still typed runs no command', async () => {
    stopClock()
    const link = new ShellLink()
    const deck = await shell(link)
    link.exit(0)
    await deck.expect('exit code 0')
    deck.type('lsD')
    await deck.press('enter').until((text) => /Keys ignored/.test(text))
    expect(deck.text()).not.toContain('Logs')
    expect(deck.text()).toContain('exit code 0')
    expect(link.asked.map((a) => a.id)).toEqual(['shell.list'])
  })

  test('stays until it is closed', async () => {
    const clock = stopClock()
    const link = new ShellLink()
    const deck = await shell(link)
    link.exit(3)
    await deck.expect('exit code 3')
    // A key that comes too early is ignored, so the operator presses again.
    await deck.press('esc').expect('Keys ignored')
    expect(deck.text()).toContain('exit code 3')
    clock.pass(400)
    await deck.press('esc').expectGone('exit code 3')
    await deck.expect('Policies')
  })

  test('gets the keys by its number; Tab only focuses it', async () => {
    const link = new ShellLink()
    const deck = await shell(link)
    await deck.press('\u001d').expectGone('KEYS GO HERE')
    await deck.press('1').expect(/┏|━ 1 Agents/)
    await deck.press('5').expect('KEYS GO HERE')
    deck.type('pwd')
    await until('the shell to get the keys', () => link.typed === 'pwd')
    await deck.press('\u001d').expectGone('KEYS GO HERE')
    await deck.press('1', 'shift-tab').expect('types here')
    expect(deck.text()).not.toContain('KEYS GO HERE')
  })

  test('x closes the pane and keeps the shell; X ends the shell after a question', async () => {
    const link = new ShellLink()
    const deck = await shell(link)
    await deck.press('\u001d').expectGone('KEYS GO HERE')
    await deck.press('x').expectGone('backend shell')
    expect(link.asked.some((a) => a.id === 'shell.end')).toBe(false)
    await deck.press('a').expect('KEYS GO HERE')
    await deck.press('\u001d').expectGone('KEYS GO HERE')
    await deck.press('X').expect('End shell')
    await deck.expect('backend: bash')
    deck.press('y')
    await deck.expect('End shell of backend: done')
    expect(link.asked.at(-1)).toEqual({ id: 'shell.end', input: { id: 'shl_1' } })
    await deck.expectGone('backend shell')
  })

  test('a message is shown over a shell', async () => {
    stopClock()
    const link = new ShellLink()
    const deck = await shell(link, 80, 24)
    await deck.press('\u001d').expectGone('KEYS GO HERE')
    await deck.press('s').expect('backend is already up')
    for (const frame of framesOf(PTY_FRAME.data, Buffer.from('\r\n'.repeat(24) + '$ more')))
      link.line.write(frame)
    await deck.expect('$ more')
    expect(deck.text()).toContain('backend is already up')
  })
})
