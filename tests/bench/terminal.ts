import { closeSync, openSync, writeSync } from 'node:fs'
import type { Shell } from '../../src/domain/shells/types.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import { agentUp, openDeck, podPid, type Deck } from './deck.ts'
import { ptyEcho } from './floors.ts'
import {
  amount,
  eventually,
  median,
  missing,
  percentile,
  row,
  wait,
  type Bench,
  type Group,
  type Row,
} from './harness.ts'
import { openScreen, type Screen } from './screen.ts'

const ROWS = [
  'attached pane: key → screen p50',
  'attached pane: key → screen p99',
  'attached pane: flood absorbed',
  'flood past a viewer that reads nothing',
  'log line shown',
  'exit noticed',
] as const
const KEYS = 400
const FLOOD_BYTES = 120_000_000

/** A shell in a pane of the console on a real terminal; then what else a pod says: its log, its end. */
export const terminal: Group = {
  name: 'terminal',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    try {
      await agentUp(deck, 'worker')
      const screen = await openScreen([process.execPath, program], deck.env)
      await screen.shows((text) => text.includes('worker'))
      screen.type('1')
      say('log lines')
      const logs = await logLines(deck, screen)
      say('keys')
      await openPane(screen)
      const keys = await paneKeys(screen)
      const local = await ptyEcho(KEYS)
      say('floods')
      const flooded = await floodInPane(screen)
      await screen.close()
      const stalled = await floodUnread(deck)
      say('exits')
      const exits = await exitsNoticed(deck)
      return [
        row({
          what: ROWS[0],
          value: median(keys),
          unit: 'ms',
          floor: { what: 'local pty', value: median(local) },
          target: { atMost: 5 },
        }),
        row({
          what: ROWS[1],
          value: percentile(keys, 0.99),
          unit: 'ms',
          floor: { what: 'local pty', value: percentile(local, 0.99) },
          target: { atMost: 12 },
        }),
        row({
          what: ROWS[2],
          value: flooded,
          unit: 'MB/s',
          target: { atLeast: 12 },
          note: 'until its last line is on the screen',
        }),
        stalled,
        row({
          what: ROWS[4],
          value: percentile(logs, 0.95),
          unit: 'ms',
          target: { atMost: 33 },
          note: `p95 from the pod's write to the screen; p50 ${amount(median(logs))} ms`,
        }),
        row({
          what: ROWS[5],
          value: percentile(exits, 0.95),
          unit: 'ms',
          target: { atMost: 50 },
          note: `p95 from the kill to the journal's word of it at a console; p50 ${amount(median(exits))} ms`,
        }),
      ]
    } finally {
      await deck.dispose()
    }
  },
}

async function logLines(deck: Deck, screen: Screen): Promise<number[]> {
  const fd = openSync(`/proc/${await podPid(deck, 'worker')}/fd/1`, 'a')
  screen.type('l')
  await screen.shows((text) => text.includes('Logs · worker'))
  await wait(500)
  const took: number[] = []
  for (let i = 0; i < 30; i++) {
    await wait(50 + ((i * 37) % 70))
    const line = `heard-${i}-times`
    const written = performance.now()
    writeSync(fd, `${line}\n`)
    took.push((await screen.shows((text) => text.includes(line))) - written)
  }
  closeSync(fd)
  screen.type('\u001b')
  await screen.shows((text) => !text.includes('Logs · worker'))
  return took
}

async function openPane(screen: Screen): Promise<void> {
  screen.type('a')
  await wait(1000)
  screen.type('echo pane-$((40+2))\r')
  await screen.shows((text) => text.includes('pane-42'))
}

async function paneKeys(screen: Screen): Promise<number[]> {
  screen.type('cat\r')
  await wait(300)
  const took: number[] = []
  let typed = ''
  for (let i = 0; i < KEYS; i++) {
    // Each line begins with a number of its own, so that nothing on the screen can be taken for it.
    if (i % 40 === 0) {
      typed = `${i}:`
      screen.type('\r')
      await wait(150)
      screen.type(typed)
      await wait(50)
    }
    const key = String.fromCharCode(97 + (i % 26))
    typed += key
    const pressed = performance.now()
    screen.type(key)
    took.push((await screen.shows((text) => text.includes(typed))) - pressed)
    await wait(5 + ((i * 13) % 30))
  }
  screen.type('\r\u0004')
  await wait(300)
  return took
}

const FLOOD_LINE = 'The quick brown fox jumps over the lazy dog, again and again and again.'
const floodCommand = (end: string): string =>
  `yes '${FLOOD_LINE}' | head -c ${FLOOD_BYTES}; echo; echo ${end}`

async function floodInPane(screen: Screen): Promise<number> {
  const began = performance.now()
  screen.type(`${floodCommand('flood-$((1+1))-over')}\r`)
  const over = await screen.shows((text) => text.includes('flood-2-over'), 60_000)
  return FLOOD_BYTES / 1e6 / ((over - began) / 1000)
}

/** Somebody attaches and never reads: the agent must not wait for them, and every byte is in the shell's count. */
async function floodUnread(deck: Deck): Promise<Row> {
  const began = performance.now()
  const shell = (await deck.link.do('shell.open', {
    agent: 'worker',
    argv: ['sh', '-c', floodCommand('over')],
    columns: 150,
    rows: 40,
  })) as Shell
  const viewer = await deck.link.attach(shell.id, { columns: 150, rows: 40 })
  viewer.pause()
  try {
    const ended = await eventually(
      'the end of the flood',
      async () =>
        (
          (await deck.link.do('audit.search', {
            type: 'shell.ended',
            agent: 'worker',
            limit: 10,
          })) as DeckEvent[]
        ).find((e) => (e.body as { id: string }).id === shell.id),
      60_000,
    )
    const seconds = (performance.now() - began) / 1000
    const { bytes } = ended.body as { bytes: number }
    // A terminal ends each line with two characters.
    const lines = Math.floor(FLOOD_BYTES / (FLOOD_LINE.length + 1))
    const expected = FLOOD_BYTES + lines + '\r\nover\r\n'.length
    const lost = expected - bytes
    return row({
      what: ROWS[3],
      value: bytes / 1e6 / seconds,
      unit: 'MB/s',
      target: { atLeast: 12 },
      note: lost === 0 ? 'no byte lost' : `${lost} bytes fewer than expected`,
    })
  } catch (thrown) {
    return missing(ROWS[3], thrown instanceof Error ? thrown.message : String(thrown))
  } finally {
    viewer.destroy()
  }
}

async function exitsNoticed(deck: Deck): Promise<number[]> {
  const ended = new AbortController()
  let noticed = (): void => undefined
  const heard = (async () => {
    for await (const frame of deck.link.world(ended.signal)) {
      if (frame.kind === 'delta' && frame.events.some(({ type }) => type === 'agent.exited'))
        noticed()
    }
  })().catch(() => undefined)
  const took: number[] = []
  for (let i = 0; i < 12; i++) {
    const pid = await podPid(deck, 'worker')
    const known = new Promise<void>((resolve) => {
      noticed = resolve
    })
    const killed = performance.now()
    process.kill(pid, 'SIGKILL')
    await known
    took.push(performance.now() - killed)
    await deck.link.do('agent.start', { agent: 'worker' })
  }
  ended.abort()
  await heard
  return took
}
