import { agentUp, openDeck } from './deck.ts'
import { missing, row, wait, type Bench, type Group, type Row } from './harness.ts'
import { cpuOver, mebibytes, usageOf } from './processes.ts'
import { openScreen } from './screen.ts'

const ROWS = [
  'idle supervisor: CPU',
  'idle supervisor: resident',
  'idle console: CPU',
  'idle console: resident',
] as const
const WINDOW_MS = 22_000
const CPU = { atMost: 1 } as const

/** What the two processes take while nothing happens: an agent is up, a console looks on. */
export const idle: Group = {
  name: 'idle',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    try {
      await agentUp(deck, 'stillness')
      const screen = await openScreen([process.execPath, program], deck.env)
      const problem = await screen
        .shows((text) => text.includes('stillness'))
        .then(
          () => undefined,
          (thrown: Error) => thrown.message,
        )
      await wait(3000)
      say(`${WINDOW_MS / 1000} s of nothing`)
      const looked = problem === undefined ? 'a console looks on' : 'no console looks on'
      const [supervisor, console] = await Promise.all([
        cpuOver(deck.pid, WINDOW_MS),
        problem === undefined ? cpuOver(screen.pid, WINDOW_MS) : 0,
      ])
      const rows = [
        row({ what: ROWS[0], value: supervisor, unit: '%', target: CPU, note: looked }),
        row({
          what: ROWS[1],
          value: mebibytes(usageOf(deck.pid).bytes),
          unit: 'MiB',
          target: { atMost: 110 },
          note: looked,
        }),
        ...(problem === undefined
          ? [
              row({ what: ROWS[2], value: console, unit: '%', target: CPU }),
              row({
                what: ROWS[3],
                value: mebibytes(usageOf(screen.pid).bytes),
                unit: 'MiB',
                target: { atMost: 150 },
              }),
            ]
          : [missing(ROWS[2], problem), missing(ROWS[3], problem)]),
      ]
      await screen.close()
      return rows
    } finally {
      await deck.dispose()
    }
  },
}
