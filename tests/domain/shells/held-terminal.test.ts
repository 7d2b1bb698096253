import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  emulatedViewer,
  firstScreen,
  heldFixture,
  scriptedTerminal,
  SIZE,
} from '../../support/held.ts'
import { seen } from '../../support/screens.ts'
import { until } from '../../support/until.ts'

const fixture = heldFixture()

describe('a held terminal', () => {
  it('shows a viewer the current screen, and then what follows', async () => {
    const { terminal, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    print('before \x1b[31mred\x1b[?2004h')
    const early = await emulatedViewer()
    held.attach(early.viewer, SIZE)
    print('\r\nafter')
    const late = await emulatedViewer()
    held.attach(late.viewer, SIZE)
    await Promise.all([early.drawn(), late.drawn()])
    expect(seen(late.screen)).toEqual(seen(early.screen))
    expect(late.screen.buffer.active.getLine(1)?.translateToString(true)).toBe('after')
    expect(early.events).toEqual(['reset'])
  })

  it('counts and hashes the output', async () => {
    const { terminal, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    print('one ')
    print('two')
    expect([held.bytes, held.sha256]).toEqual([
      7,
      createHash('sha256').update('one two').digest('hex'),
    ])
  })

  it('replies to the program once, whoever is attached', async () => {
    const { terminal, calls, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    const [one, two] = [await emulatedViewer(), await emulatedViewer()]
    held.attach(one.viewer, SIZE)
    held.attach(two.viewer, SIZE)
    print('ab\x1b[6n')
    await until('an answer', () => calls.length > 0)
    expect(calls).toEqual(['write "\\u001b[1;3R"'])
  })

  it('limits the replies to a program that only asks', async () => {
    const { terminal, calls, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    print('\x1b[6n'.repeat(50_000))
    print('done')
    await until('all is read', async () => (await firstScreen(held)).includes('done'))
    const answered = calls.length
    expect(answered).toBeLessThanOrEqual((64 << 10) / 6)
    held.write(Buffer.from('k'))
    print('\x1b[6n')
    await until('it answers again after a key', () => calls.length === answered + 2)
  })

  it('has the size that was requested last, and the previous one after a detach', async () => {
    const { terminal, calls, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    const [small, large, passive] = [
      await emulatedViewer({ columns: 40, rows: 10 }),
      await emulatedViewer({ columns: 120, rows: 40 }),
      await emulatedViewer(),
    ]
    held.attach(small.viewer, { columns: 40, rows: 10 })
    await small.drawn()
    const second = held.attach(large.viewer, { columns: 120, rows: 40 })
    held.attach(passive.viewer)
    print('hello')
    await Promise.all([small.drawn(2), large.drawn(), passive.drawn()])
    expect(small.events).toEqual(['reset', 'size 120x40', 'reset'])
    expect(passive.events).toEqual(['size 120x40', 'reset'])
    expect(seen(small.screen)).toEqual(seen(large.screen))
    second.close()
    expect(calls).toEqual(['resize 40x10', 'resize 120x40', 'resize 40x10'])
    expect([held.columns, held.rows]).toEqual([40, 10])
    second.resize(9, 9)
    second.close()
    expect(held.columns).toBe(40)
  })

  it('skips a slow viewer and redraws it when it has caught up', async () => {
    const { terminal, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    const [slow, quick] = [await emulatedViewer(), await emulatedViewer()]
    const attachment = held.attach(slow.viewer, SIZE)
    held.attach(quick.viewer, SIZE)
    await Promise.all([slow.drawn(), quick.drawn()])
    for (let i = 0; i < 200; i++) {
      print(`${'x'.repeat(64 << 10)}\r\n`)
      quick.markSent()
    }
    expect(slow.waiting()).toBeLessThan(5 << 20)
    print('\x1b[2J\x1b[H\x1b[1mthe end')
    attachment.drained()
    expect(slow.events).toEqual(['reset'])
    slow.markSent()
    attachment.drained()
    await until('both are drawn', async () => {
      await quick.settled()
      await slow.settled()
      return slow.events.length === 2
    })
    await until(
      'both show the same',
      () => JSON.stringify(seen(slow.screen)) === JSON.stringify(seen(quick.screen)),
    )
    expect(
      slow.screen.buffer.active.getLine(slow.screen.buffer.active.baseY)?.translateToString(true),
    ).toBe('the end')
  })

  it('pauses the program while the emulator is far behind', async () => {
    const { terminal, calls, print } = scriptedTerminal()
    await fixture.hold(terminal)
    for (let i = 0; i < 40; i++) print('x'.repeat(64 << 10))
    expect(calls).toEqual(['pause'])
    await until('it goes on', () => calls.length === 2)
    expect(calls).toEqual(['pause', 'resume'])
  })

  it.each([
    ['resets', '\x1bc', 8000],
    ['inserted lines', '\x1b[24L', 3000],
    ['one huge repeat count', '\x1b[2147483647M', 500],
  ])('does not block the event loop with expensive output: %s', async (_, sequence, times) => {
    const { terminal, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    // On this clock every slice takes longer than a turn, so their number does not depend on the
    // machine.
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 6))
    onTestFinished(() => clock.mockRestore())
    let turns = 0
    print(`${sequence.repeat(times)}read`)
    while (held.lag > 0) {
      turns += 1
      await new Promise((go) => {
        setImmediate(go)
      })
    }
    clock.mockRestore()
    await until('it is drawn', async () => (await firstScreen(held)).includes('read'))
    expect(turns).toBeGreaterThan(times / 150)
  })

  it('draws a large screen in parts, exact to the byte, while the program writes', async () => {
    const { terminal, print } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    const [early, late, last] = [
      await emulatedViewer(),
      await emulatedViewer(),
      await emulatedViewer({ columns: 70, rows: 20 }),
    ]
    held.attach(early.viewer, SIZE)
    await early.drawn()
    for (let y = 0; y < 1100; y++)
      print(Array.from({ length: 80 }, (__, x) => `\x1b[1;38;2;${x};${y % 256};9mx`).join(''))
    await until('it is read', () => held.lag === 0)
    held.attach(late.viewer, SIZE)
    expect(late.events).toEqual([])
    print('\r\nmore \x1b[3')
    held.attach(last.viewer, { columns: 70, rows: 20 })
    print('1mred')
    await until(
      'both are drawn',
      () => late.events.includes('reset') && last.events.includes('reset'),
    )
    await Promise.all([late.settled(), last.settled()])
    await until(
      'all show the same',
      () => JSON.stringify(seen(late.screen)) === JSON.stringify(seen(last.screen)),
    )
    expect(late.events).toEqual(['size 70x20', 'reset'])
    expect(seen(last.screen).rows).toContainEqual(expect.stringMatching(/more .*red/))
  })

  it('reports the exit once to viewers and listeners, also later ones', async () => {
    const { terminal, calls, exit } = scriptedTerminal()
    const held = await fixture.hold(terminal)
    const [there, late] = [await emulatedViewer(), await emulatedViewer()]
    const codes: number[] = []
    held.onExit((code) => codes.push(code))
    held.attach(there.viewer, SIZE)
    exit(7)
    exit(8)
    held.onExit((code) => codes.push(code))
    held.attach(late.viewer, SIZE)
    held.write(Buffer.from('ignored'))
    await late.drawn()
    expect([codes, there.events, late.events, calls]).toEqual([
      [7, 7],
      ['reset', 'exit 7'],
      ['reset', 'exit 7'],
      [],
    ])
  })
})
