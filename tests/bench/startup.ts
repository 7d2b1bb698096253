import { join } from 'node:path'
import { agentUp, openDeck, type Deck } from './deck.ts'
import { nodeZero, runtimeOf } from './floors.ts'
import { missing, rounds, row, type Bench, type Group, type Row } from './harness.ts'
import { openScreen } from './screen.ts'

const ROWS = ['--version', 'a CLI answer (list --json)', 'first useful frame'] as const
const ROUNDS = 15

/** How long the program takes to be of use, its supervisor running, beside a Node that does nothing. */
export const startup: Group = {
  name: 'startup',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    try {
      await agentUp(deck, 'firstlight')
      const env = { ...deck.env, XDG_CACHE_HOME: join(deck.home.root, 'cache') }
      const started = (...words: string[]): number =>
        runtimeOf([process.execPath, program, ...words], env)
      started('list', '--json')
      say('starting programs')
      const took = await rounds(ROUNDS, {
        floor: () => nodeZero(env),
        version: () => started('--version'),
        list: () => started('list', '--json'),
      })
      const floor = { what: 'node -e 0', value: took.floor }
      return [
        row({
          what: ROWS[0],
          value: took.version,
          unit: 'ms',
          floor,
          target: { atMost: 1.2, of: 'ratio' },
        }),
        row({
          what: ROWS[1],
          value: took.list,
          unit: 'ms',
          floor,
          target: { atMost: 3, of: 'ratio' },
        }),
        await firstFrame(program, { ...deck, env }, say),
      ]
    } finally {
      await deck.dispose()
    }
  },
}

async function firstFrame(program: string, deck: Deck, say: (what: string) => void): Promise<Row> {
  say('opening consoles')
  try {
    const open = async (): Promise<number> => {
      const began = performance.now()
      const screen = await openScreen([process.execPath, program], deck.env)
      try {
        return (await screen.shows((text) => text.includes('firstlight'))) - began
      } finally {
        await screen.close()
      }
    }
    await open()
    const took = await rounds(ROUNDS, { floor: () => nodeZero(deck.env), frame: open })
    return row({
      what: ROWS[2],
      value: took.frame,
      unit: 'ms',
      floor: { what: 'node -e 0', value: took.floor },
      target: { atMost: 6, of: 'ratio' },
      note: 'with the fleet in it, at 200×50',
    })
  } catch (thrown) {
    return missing(ROWS[2], thrown instanceof Error ? thrown.message : String(thrown))
  }
}
