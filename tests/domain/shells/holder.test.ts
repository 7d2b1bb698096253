import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Terminal, TerminalSize } from '../../../src/base/emulator.ts'
import { PTY_FRAME } from '../../../src/commands/wire.ts'
import { holdTerminal } from '../../../src/domain/shells/holder.ts'
import type { Holder } from '../../../src/domain/shells/holder.ts'
import type { Viewer } from '../../../src/domain/shells/types.ts'
import { FrameReader, serveTerminal } from '../../../src/doors/operator/pty-frames.ts'
import type { PodTerminal } from '../../../src/ports/pods.ts'
import { emulatorWith, fed, localPty, seen } from '../../support/screens.ts'
import { until } from '../../support/until.ts'

const SIZE = { columns: 80, rows: 24 }
const held: Holder[] = []

afterEach(async () => {
  for (const holder of held.splice(0)) await holder.end()
})

async function hold(terminal: PodTerminal): Promise<Holder> {
  const holder = await holdTerminal(terminal, SIZE)
  held.push(holder)
  return holder
}

/** A terminal whose program is the test. */
function scripted() {
  const did: string[] = []
  let give: (data: Uint8Array) => void = () => undefined
  let leave: (code: number) => void = () => undefined
  const terminal: PodTerminal = {
    handle: 'test',
    onData: (take) => {
      give = take
    },
    onExit: (take) => {
      leave = take
    },
    write: (data) => did.push(`write ${JSON.stringify(Buffer.from(data).toString())}`),
    resize: (columns, rows) => did.push(`resize ${columns}x${rows}`),
    pause: () => did.push('pause'),
    resume: () => did.push('resume'),
    kill: async () => {
      did.push('kill')
    },
  }
  return {
    terminal,
    did,
    print: (text: string) => give(Buffer.from(text)),
    exit: (code: number) => leave(code),
  }
}

/** A viewer that is an emulator; while `stuck` it passes nothing on. */
async function looker(size: TerminalSize = SIZE) {
  const screen: Terminal = await emulatorWith(size, '')
  const told: string[] = []
  let waiting = 0
  const viewer: Viewer = {
    data: (bytes) => {
      waiting += bytes.length
      screen.write(bytes)
    },
    reset: (bytes) => {
      told.push('reset')
      waiting += bytes.length
      screen.write('\x1bc')
      screen.write(bytes)
    },
    size: (columns, rows) => {
      told.push(`size ${columns}x${rows}`)
      screen.write('', () => screen.resize(columns, rows))
    },
    exit: (code) => told.push(`exit ${code}`),
    waiting: () => waiting,
  }
  return {
    viewer,
    screen,
    told,
    pass: () => {
      waiting = 0
    },
    waiting: () => waiting,
    settled: () => fed(screen, ''),
    /** Resolves when it was sent so many whole screens, and has read them. */
    drawn: async (times = 1) => {
      await until('it is drawn', () => told.filter((what) => what === 'reset').length >= times)
      await fed(screen, '')
    },
  }
}

/** What a viewer is sent first. */
async function drawn(holder: Holder): Promise<string> {
  const first = Promise.withResolvers<string>()
  const viewer: Viewer = {
    data: () => undefined,
    reset: (bytes) => first.resolve(Buffer.from(bytes).toString()),
    size: () => undefined,
    exit: () => undefined,
    waiting: () => 0,
  }
  const seat = holder.attach(viewer)
  try {
    return await first.promise
  } finally {
    seat.close()
  }
}

describe('a held terminal', () => {
  it('shows a viewer the screen as it is, and then what follows', async () => {
    const { terminal, print } = scripted()
    const holder = await hold(terminal)
    print('before \x1b[31mred\x1b[?2004h')
    const early = await looker()
    holder.attach(early.viewer, SIZE)
    print('\r\nafter')
    const late = await looker()
    holder.attach(late.viewer, SIZE)
    await Promise.all([early.drawn(), late.drawn()])
    expect(seen(late.screen)).toEqual(seen(early.screen))
    expect(late.screen.buffer.active.getLine(1)?.translateToString(true)).toBe('after')
    expect(early.told).toEqual(['reset'])
  })

  it('counts and hashes what the program wrote', async () => {
    const { terminal, print } = scripted()
    const holder = await hold(terminal)
    print('one ')
    print('two')
    expect([holder.bytes, holder.sha256]).toEqual([
      7,
      createHash('sha256').update('one two').digest('hex'),
    ])
  })

  it('answers what the program asks, once, whoever looks on', async () => {
    const { terminal, did, print } = scripted()
    const holder = await hold(terminal)
    const [one, two] = [await looker(), await looker()]
    holder.attach(one.viewer, SIZE)
    holder.attach(two.viewer, SIZE)
    print('ab\x1b[6n')
    await until('an answer', () => did.length > 0)
    expect(did).toEqual(['write "\\u001b[1;3R"'])
  })

  it('gives a program that only asks a bounded number of answers', async () => {
    const { terminal, did, print } = scripted()
    const holder = await hold(terminal)
    print('\x1b[6n'.repeat(50_000))
    print('done')
    await until('all is read', async () => (await drawn(holder)).includes('done'))
    const answered = did.length
    expect(answered).toBeLessThanOrEqual((64 << 10) / 6)
    holder.write(Buffer.from('k'))
    print('\x1b[6n')
    await until('it answers again after a key', () => did.length === answered + 2)
  })

  it('has the size of the viewer that last asked, tells the others, and goes back when it leaves', async () => {
    const { terminal, did, print } = scripted()
    const holder = await hold(terminal)
    const [small, large, passive] = [
      await looker({ columns: 40, rows: 10 }),
      await looker({ columns: 120, rows: 40 }),
      await looker(),
    ]
    holder.attach(small.viewer, { columns: 40, rows: 10 })
    await small.drawn()
    const second = holder.attach(large.viewer, { columns: 120, rows: 40 })
    holder.attach(passive.viewer)
    print('hello')
    await Promise.all([small.drawn(2), large.drawn(), passive.drawn()])
    expect(small.told).toEqual(['reset', 'size 120x40', 'reset'])
    expect(passive.told).toEqual(['size 120x40', 'reset'])
    expect(seen(small.screen)).toEqual(seen(large.screen))
    second.close()
    expect(did).toEqual(['resize 40x10', 'resize 120x40', 'resize 40x10'])
    expect([holder.columns, holder.rows]).toEqual([40, 10])
    second.resize(9, 9)
    second.close()
    expect(holder.columns).toBe(40)
  })

  it('skips a slow viewer and redraws it when it has caught up', async () => {
    const { terminal, print } = scripted()
    const holder = await hold(terminal)
    const [slow, quick] = [await looker(), await looker()]
    const seat = holder.attach(slow.viewer, SIZE)
    holder.attach(quick.viewer, SIZE)
    await Promise.all([slow.drawn(), quick.drawn()])
    for (let i = 0; i < 200; i++) {
      print(`${'x'.repeat(64 << 10)}\r\n`)
      quick.pass()
    }
    expect(slow.waiting()).toBeLessThan(5 << 20)
    print('\x1b[2J\x1b[H\x1b[1mthe end')
    seat.drained()
    expect(slow.told).toEqual(['reset'])
    slow.pass()
    seat.drained()
    await until('both are drawn', async () => {
      await quick.settled()
      await slow.settled()
      return slow.told.length === 2
    })
    await until(
      'both show the same',
      () => JSON.stringify(seen(slow.screen)) === JSON.stringify(seen(quick.screen)),
    )
    expect(
      slow.screen.buffer.active.getLine(slow.screen.buffer.active.baseY)?.translateToString(true),
    ).toBe('the end')
  })

  it('lets the program wait while the emulator is far behind, and go on after', async () => {
    const { terminal, did, print } = scripted()
    await hold(terminal)
    for (let i = 0; i < 40; i++) print('x'.repeat(64 << 10))
    expect(did).toEqual(['pause'])
    await until('it goes on', () => did.length === 2)
    expect(did).toEqual(['pause', 'resume'])
  })

  it.each([
    ['resets', '\x1bc', 8000],
    ['inserted lines', '\x1b[24L', 3000],
    ['one sequence without end', '\x1b[2147483647M', 500],
  ])('leaves the loop to others while it reads costly output: %s', async (_, sequence, times) => {
    const { terminal, print } = scripted()
    const holder = await hold(terminal)
    // On this clock every slice takes longer than a turn may: how many there are does not depend on the machine.
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 6))
    onTestFinished(() => clock.mockRestore())
    let turns = 0
    print(`${sequence.repeat(times)}read`)
    while (holder.lag > 0) {
      turns += 1
      await new Promise((go) => {
        setImmediate(go)
      })
    }
    clock.mockRestore()
    await until('it is drawn', async () => (await drawn(holder)).includes('read'))
    expect(turns).toBeGreaterThan(times / 150)
  })

  it('draws a large screen in turns, exact to the byte, while the program writes on', async () => {
    const { terminal, print } = scripted()
    const holder = await hold(terminal)
    const [early, late, last] = [
      await looker(),
      await looker(),
      await looker({ columns: 70, rows: 20 }),
    ]
    holder.attach(early.viewer, SIZE)
    await early.drawn()
    for (let y = 0; y < 1100; y++)
      print(Array.from({ length: 80 }, (__, x) => `\x1b[1;38;2;${x};${y % 256};9mx`).join(''))
    await until('it is read', () => holder.lag === 0)
    holder.attach(late.viewer, SIZE)
    expect(late.told).toEqual([])
    print('\r\nmore \x1b[3')
    holder.attach(last.viewer, { columns: 70, rows: 20 })
    print('1mred')
    await until('both are drawn', () => late.told.includes('reset') && last.told.includes('reset'))
    await Promise.all([late.settled(), last.settled()])
    await until(
      'all show the same',
      () => JSON.stringify(seen(late.screen)) === JSON.stringify(seen(last.screen)),
    )
    expect(late.told).toEqual(['size 70x20', 'reset'])
    expect(seen(last.screen).rows).toContainEqual(expect.stringMatching(/more .*red/))
  })

  it('tells of the end once: to viewers, to who asked, and to who comes later', async () => {
    const { terminal, did, exit } = scripted()
    const holder = await hold(terminal)
    const [there, late] = [await looker(), await looker()]
    const codes: number[] = []
    holder.onExit((code) => codes.push(code))
    holder.attach(there.viewer, SIZE)
    exit(7)
    exit(8)
    holder.onExit((code) => codes.push(code))
    holder.attach(late.viewer, SIZE)
    holder.write(Buffer.from('ignored'))
    await late.drawn()
    expect([codes, there.told, late.told, did]).toEqual([
      [7, 7],
      ['reset', 'exit 7'],
      ['reset', 'exit 7'],
      [],
    ])
  })
})

describe('a held shell', () => {
  it('is as it was for whoever comes back, and leaves no process when it ends', async () => {
    const pty = localPty(['/bin/sh'], SIZE)
    const holder = await hold(pty)
    const first = await looker()
    const seat = holder.attach(first.viewer, SIZE)
    seat.write(
      Buffer.from(
        "printf '\\033[?1049h\\033[3;5Hin the editor\\033[?25l\\033[?1h'; echo $((40+2))\r",
      ),
    )
    await until('its answer', () => JSON.stringify(seen(first.screen)).includes('42'))
    seat.close()
    const again = await looker()
    holder.attach(again.viewer, SIZE)
    await until(
      'the same screen',
      () => JSON.stringify(seen(again.screen)) === JSON.stringify(seen(first.screen)),
    )
    expect(seen(again.screen)).toMatchObject({ buffer: 'alternate', cursorHidden: true })
    await holder.end()
    expect(() => process.kill(Number(pty.handle), 0)).toThrow('ESRCH')
  })

  it('floods 50 MB past a stuck viewer on a socket: never stalled, and at last an exact screen', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holder-'))
    const program =
      "yes 'a line of a long build log, with some words in it' | head -c 50000000; printf '\\033[2J\\033[Hthe \\033[1mend\\033[m'; read x"
    const holder = await hold(localPty(['/bin/sh', '-c', program], SIZE))
    const server = createServer((socket) =>
      serveTerminal(socket, (viewer, size) => holder.attach(viewer, size), SIZE),
    )
    await new Promise<void>((done) => server.listen(join(folder, 's'), done))
    onTestFinished(async () => {
      server.close()
      await rm(folder, { recursive: true })
    })
    const stuck = await new Promise<Socket>((done) => {
      const socket = connect(join(folder, 's'), () => done(socket))
    })
    stuck.pause()
    const witness = await looker()
    const told: number[] = []
    holder.attach({ ...witness.viewer, waiting: () => 0 })
    await until('the whole flood is taken', () => holder.bytes > 50_000_000)
    const screen = await emulatorWith(SIZE, '')
    const reader = new FrameReader()
    stuck.on('data', (chunk: Buffer) => {
      for (const { kind, payload } of reader.push(chunk)) {
        told.push(kind)
        if (kind === PTY_FRAME.reset) screen.write('\x1bc')
        screen.write(payload)
      }
    })
    stuck.resume()
    await until('the late viewer is up to date', () =>
      JSON.stringify(seen(screen).rows).includes('the {0;1}end'),
    )
    expect(told.filter((kind) => kind === PTY_FRAME.reset).length).toBe(2)
    await until(
      'the witness as well',
      () => JSON.stringify(seen(witness.screen)) === JSON.stringify(seen(screen)),
    )
    stuck.destroy()
  })
})
