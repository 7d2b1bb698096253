import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PTY_FRAME } from '../../../src/commands/wire.ts'
import { FrameReader } from '../../../src/doors/operator/pty-frames.ts'
import { serveTerminal } from '../../../src/doors/operator/serve-terminal.ts'
import { emulatedViewer, heldFixture, SIZE } from '../../support/held.ts'
import { emulatorWith, localPty, seen } from '../../support/screens.ts'
import { until } from '../../support/until.ts'

const fixture = heldFixture()

describe('a held shell', () => {
  it('is unchanged for a viewer that returns, and leaves no process when it ends', async () => {
    const pty = localPty(['/bin/sh'], SIZE)
    const held = await fixture.hold(pty)
    const first = await emulatedViewer()
    const attachment = held.attach(first.viewer, SIZE)
    attachment.write(
      Buffer.from(
        "printf '\\033[?1049h\\033[3;5Hin the editor\\033[?25l\\033[?1h'; echo $((40+2))\r",
      ),
    )
    await until('its answer', () => JSON.stringify(seen(first.screen)).includes('42'))
    attachment.close()
    const again = await emulatedViewer()
    held.attach(again.viewer, SIZE)
    await until(
      'the same screen',
      () => JSON.stringify(seen(again.screen)) === JSON.stringify(seen(first.screen)),
    )
    expect(seen(again.screen)).toMatchObject({ buffer: 'alternate', cursorHidden: true })
    await held.end()
    expect(() => process.kill(Number(pty.handle), 0)).toThrow('ESRCH')
  })

  it('is not stalled by a stuck viewer, which gets an exact screen later', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'held-'))
    const program =
      "yes 'a line of a long build log, with some words in it' | head -c 50000000; printf '\\033[2J\\033[Hthe \\033[1mend\\033[m'; read x"
    const held = await fixture.hold(localPty(['/bin/sh', '-c', program], SIZE))
    const server = createServer((socket) =>
      serveTerminal(socket, (viewer, size) => held.attach(viewer, size), SIZE),
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
    const witness = await emulatedViewer()
    const events: number[] = []
    held.attach({ ...witness.viewer, waiting: () => 0 })
    await until('all output is read', () => held.bytes > 50_000_000)
    const screen = await emulatorWith(SIZE, '')
    const reader = new FrameReader()
    stuck.on('data', (chunk: Buffer) => {
      for (const { kind, payload } of reader.push(chunk)) {
        events.push(kind)
        if (kind === PTY_FRAME.reset) screen.write('\x1bc')
        screen.write(payload)
      }
    })
    stuck.resume()
    await until('the stuck viewer is up to date', () =>
      JSON.stringify(seen(screen).rows).includes('the {0;1}end'),
    )
    expect(events.filter((kind) => kind === PTY_FRAME.reset).length).toBe(2)
    await until(
      'the witness as well',
      () => JSON.stringify(seen(witness.screen)) === JSON.stringify(seen(screen)),
    )
    stuck.destroy()
  })
})
