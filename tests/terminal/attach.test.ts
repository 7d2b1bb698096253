import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { spawn } from 'node-pty'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Terminal } from '../../src/base/emulator.ts'
import { emulatorWith } from '../support/screens.ts'
import { until } from '../support/until.ts'

const PROGRAM = new URL('../../dist/main.js', import.meta.url).pathname
const SIZE = { columns: 100, rows: 24 }
const run = promisify(execFile)
let home = ''

const env = () => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  TERM: 'xterm-256color',
  CLAWDECK_HOME: join(home, 'deck'),
})
const deck = async (...argv: string[]) =>
  (await run(process.execPath, [PROGRAM, ...argv], { env: env() })).stdout

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'attach-'))
  await deck('init')
  await deck('create', 'coder', 'a1', '--backend', 'local')
  await deck('start', 'a1')
})

afterAll(async () => {
  await deck('stop', 'a1')
  await deck('supervisor', 'stop')
  await rm(home, { recursive: true, force: true, maxRetries: 20 })
})

/** The built program on a real PTY, and the screen that an operator would see. */
function operator(...argv: string[]) {
  return onTerminal(process.execPath, PROGRAM, ...argv)
}

async function onTerminal(program: string, ...argv: string[]) {
  const screen = await emulatorWith(SIZE, '')
  const pty = spawn(program, argv, {
    cols: SIZE.columns,
    rows: SIZE.rows,
    name: 'xterm-256color',
    env: env(),
  })
  let raw = ''
  pty.onData((data) => {
    raw += data
    screen.write(data)
  })
  const exit = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => resolve(exitCode))
  })
  return {
    screen,
    exit,
    raw: () => raw,
    type: (text: string) => pty.write(text),
    shows: (what: RegExp) => until(`the terminal to show ${what}`, () => what.test(textOf(screen))),
  }
}

function textOf(screen: Terminal): string {
  const { active } = screen.buffer
  return Array.from(
    { length: screen.rows },
    (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
  ).join('\n')
}

describe('clawdeck attach', () => {
  it('steps into the pod, leaves with Ctrl-], and comes back to the same shell', async () => {
    const first = await operator('attach', 'a1')
    await first.shows(/[$#]\s*$/m)
    first.type(
      "kept=$((40+2)); printf '\\033]52;c;aGk=\\007\\033]0;hidden\\007'; echo was-here; stty size\r",
    )
    await first.shows(/^was-here\n24 100/m)
    first.type('\x1d')
    expect(await first.exit).toBe(0)
    await first.shows(/keeps running/)
    expect(first.raw()).not.toMatch(/\x1b\](?:52|0);/)
    expect(first.screen.modes.bracketedPasteMode).toBe(false)

    const again = await operator('attach', 'a1')
    await again.shows(/^was-here\n24 100/m)
    again.type('echo "still $kept"; exit 7\r')
    expect(await again.exit).toBe(7)
    await again.shows(/still 42/)
    await again.shows(/ended with exit code 7/)
    const shells = JSON.parse(await deck('shells', 'list', '--json')) as unknown
    expect(JSON.stringify(shells)).not.toContain('"open"')
  })

  it('says what is wrong instead of taking the terminal', async () => {
    const lost = await operator('attach', 'nobody')
    expect(await lost.exit).toBe(3)
    expect(lost.raw()).toContain('nobody')
  })
})

describe('the console', () => {
  it("opens the pod's shell in a pane, then gives it the whole terminal, and comes back", async () => {
    const console = await operator()
    await console.shows(/Agents[^]*a1 +coder +up/)
    console.type('a')
    await console.shows(/KEYS GO[^]*[$#] *┃/)
    console.type('echo $((40+2)); stty size\r')
    await console.shows(/┃42 [^]*┃\d+ \d+ /)
    expect(textOf(console.screen)).toMatch(/Agents/)
    console.type('\x1d')
    await until("keys to be the console's", () => !/KEYS GO/.test(textOf(console.screen)))
    console.type('A')
    await console.shows(/^42\n\d+ \d+\n.*[$#]/m)
    expect(textOf(console.screen)).not.toMatch(/Agents|┃/)
    console.type('echo whole\r')
    await console.shows(/^whole$/m)
    console.type('\x1d')
    await console.shows(/Agents[^]*┃whole/)
    console.type('q')
    await console.exit
  })

  it('leaves nothing on the screen of the shell, also with a message shown', async () => {
    const console = await operator()
    await console.shows(/Agents[^]*a1 +coder +up/)
    console.type('m')
    await console.shows(/select|rule/)
    console.type('q')
    await console.exit
    const [, after] = console.raw().split('\x1b[?1049l')
    expect(after).toMatch(/^(?:\x1b\[\?\d+[hl]|\x1b\[\d* ?[qm])*$/)
  })

  it('is suspended by Ctrl-Z, and comes back with fg', async () => {
    const shell = await onTerminal('bash', '--norc', '--noprofile', '-i')
    shell.type(`'${process.execPath}' '${PROGRAM}'\r`)
    await shell.shows(/Agents[^]*a1 +coder +up/)
    shell.type('\x1a')
    await shell.shows(/Stopped/)
    shell.type('echo $((40+2))\r')
    await shell.shows(/^42$/m)
    shell.type('fg\r')
    await shell.shows(/Agents[^]*a1 +coder +up/)
    shell.type('?')
    await shell.shows(/keys that work now/)
    shell.type('q')
    await until('the shell to be back', () => !/keys that work now/.test(textOf(shell.screen)))
    shell.type('q')
    await shell.shows(/^42$/m)
    shell.type('exit\r')
    await shell.exit
  })
})
