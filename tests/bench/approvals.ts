import { agentUp, openDeck } from './deck.ts'
import {
  amount,
  median,
  percentile,
  row,
  wait,
  type Bench,
  type Group,
  type Row,
} from './harness.ts'
import { doorstep, openAsker } from './load.ts'
import { openScreen } from './screen.ts'

const ROWS = ['approval asked → its row painted', 'key → agent released'] as const
const TIMES = 40
const HASTE_MS = 250

/** An agent asks, its row appears on a real terminal, one key decides, the agent goes on. */
export const approvals: Group = {
  name: 'approvals',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    try {
      const { door } = await agentUp(deck, 'asking')
      const asker = openAsker(await doorstep(deck, 'asking', door), door)
      const screen = await openScreen([process.execPath, program], deck.env)
      await screen.shows((text) => text.includes('asking'))
      screen.type('2')
      const painted: number[] = []
      const released: number[] = []
      say(`${TIMES} approvals`)
      for (let i = 0; i < TIMES; i++) {
        // An odd pause, so that no frame of the console falls in step with the questions.
        await wait(40 + ((i * 37) % 60))
        const target = `make mark${i}x`
        const answer = asker.ask(target)
        const shown = await screen.shows((text) => text.includes(target))
        // A key pressed right after the row came is taken for a slip.
        await wait(HASTE_MS)
        const pressed = performance.now()
        screen.type('y')
        const { askedAt, answeredAt, decision } = await answer
        if (decision !== 'allow')
          throw new Error(`the key was to allow, but the answer is ${decision}`)
        painted.push(shown + performance.timeOrigin - askedAt)
        released.push(answeredAt - performance.timeOrigin - pressed)
      }
      asker.close()
      await screen.close()
      return [
        row({
          what: ROWS[0],
          value: percentile(painted, 0.95),
          unit: 'ms',
          target: { atMost: 60 },
          note: `p95; p50 ${amount(median(painted))} ms`,
        }),
        row({
          what: ROWS[1],
          value: percentile(released, 0.95),
          unit: 'ms',
          target: { atMost: 30 },
          note: `p95; p50 ${amount(median(released))} ms`,
        }),
      ]
    } finally {
      await deck.dispose()
    }
  },
}
