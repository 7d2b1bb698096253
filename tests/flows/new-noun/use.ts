import { setTimeout as pause } from 'node:timers/promises'
import { findFace } from '../../../src/commands/registry.ts'
import { helpText } from '../../../src/doors/cli/help.ts'
import { printAnswer } from '../../../src/doors/cli/print/answers.ts'
import { makeStore, pushLayer, setWorld } from '../../../src/doors/console/store/store.ts'
import { applyFrames, tableOf } from '../../../src/doors/console/store/world.ts'
import { loadTheme } from '../../../src/doors/console/theme/load.ts'
import { makePainter } from '../../../src/doors/console/theme/theme.ts'
import { bodyLayer } from '../../../src/doors/console/views/layers.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { TestDeck } from '../../support/deck.ts'

// Run in a copy of the program that has a noun more, whose types this file cannot know.
const TOY = 'toy' as 'agent'
const cleanups: (() => unknown)[] = []
const deck = await new TestDeck((act) => cleanups.push(act)).start()
const [cli, console] = [openLink(deck.home.socket, 'cli'), openLink(deck.home.socket, 'console')]
const store = makeStore({
  columns: 80,
  rows: 24,
  now: Date.now(),
  painter: makePainter(loadTheme('dark', ''), 'none'),
  demo: false,
})
const stop = new AbortController()
const toys = () => [...tableOf(store.getState().world, TOY).values()]
const mirroring = (async () => {
  for await (const frame of console.world(stop.signal))
    setWorld(store, applyFrames(store.getState().world, [frame]), Date.now())
})()

/** Resolves when the console's mirror is as said. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await pause(5)
}

await until(() => store.getState().world.deck !== null)
const colour = () => (toys()[0] as { colour?: string } | undefined)?.colour
const made = (await cli.do('toy.make', { colour: 'red' })) as { id: string }
await until(() => colour() === 'red')
const mirrored = [...toys()]
const table = findFace('toy.list')?.table
if (table !== undefined) pushLayer(store, { kind: 'table', table, cursor: null })
const shown = bodyLayer(store.getState(), { width: 80, height: 22 })
const page = { paint: (_: unknown, text: string) => text, now: Date.now() }
const list = findFace('toy.list')
const listed = list === undefined ? '' : printAnswer(list, await cli.do('toy.list'), page)
const painted = await cli.do('toy.paint', { id: made.id, colour: 'blue' })
await until(() => colour() === 'blue')
mirrored.push(...toys())
await cli.do('toy.lose', { id: made.id })
await until(() => toys().length === 0)

const seen = {
  made,
  shown,
  printed: listed,
  painted,
  mirrored,
  gone: toys().length,
  rebuilt: await cli.do('audit.rebuild'),
  verified: await cli.do('audit.verify', { deep: true }),
  help: helpText({ words: [], command: undefined }, page.paint),
}
stop.abort()
await mirroring.catch(() => undefined)
cli.close()
console.close()
for (const act of cleanups.toReversed()) await act()
process.stdout.write(`${JSON.stringify(seen)}\n`)
process.exit(0)
