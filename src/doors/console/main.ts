import { setTimeout as pause } from 'node:timers/promises'
import type { Link } from '../operator/link.ts'
import { alertsOf, Attention, whoAsked } from './attention.ts'
import { runLinear, wantsLinear } from './linear/linear.ts'
import { watchQuestions } from './looking.ts'
import type { ConsoleOptions } from './options.ts'
import { ConsoleSession } from './session.tsx'
import { makeStore, toast } from './store/store.ts'
import { startSync } from './sync.ts'
import { terminalSize } from './terminal/size.ts'
import { firstPainter } from './theme/choice.ts'

/** The first frame shows the deck itself, unless loading it takes longer than this. */
const FIRST_FRAME_MS = 150

/** The console: takes the terminal until the operator leaves. The link is left open. */
export async function runConsole(link: Link, options: ConsoleOptions): Promise<void> {
  if (wantsLinear(options.env)) return runLinear(link, options)
  const { stdout } = options
  const { painter, problem } = firstPainter(options)
  const store = makeStore({ ...terminalSize(stdout), now: Date.now(), painter, demo: options.demo })
  if (problem !== undefined) toast(store, problem, 'bad')
  const attention = new Attention(
    store,
    (bytes) => {
      stdout.write(bytes)
    },
    alertsOf({ ...options, who: whoAsked(() => link.do('operator.me')) }),
  )
  const sync = startSync(store, link, (frames) => attention.seen(frames))
  await Promise.race([sync.first, pause(FIRST_FRAME_MS)])
  const session = new ConsoleSession({ store, link, sync, attention, options })
  const unwatch = watchQuestions(store, link)
  await session.untilExit().finally(unwatch)
  if (session.leftForDemo) await options.openDemo?.()
}
