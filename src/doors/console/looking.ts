import { plain } from '../../base/text.ts'
import { operatorOf } from '../../domain/operators/rules.ts'
import type { Link } from '../operator/link.ts'
import type { ConsoleState, ConsoleStore } from './store/state.ts'
import { setUi, toast } from './store/store.ts'
import { subjectsAtCursor } from './store/subjects.ts'
import type { Me } from './store/ui.ts'
import { tableOf } from './store/world.ts'

/** Whoever only passes by is not looking. */
const DWELL_MS = 700
/** Whoever has done nothing for this time is not looking any more. */
const IDLE_MS = 120_000

/**
 * Tells other consoles which question is open here, and says here who else decided it. Returns a
 * function that stops this.
 */
export function watchQuestions(store: ConsoleStore, link: Link): () => void {
  const open = new OpenQuestion(link)
  let activeAt = Date.now()
  const stop = store.subscribe((state, before) => {
    if (isActive(state, before)) activeAt = state.ui.now
    sayWhoDecided(store, { state, before, id: open.id })
    const isIdle = state.ui.now - activeAt > IDLE_MS
    open.turnTo(isIdle ? undefined : questionAt(state))
  })
  const unwatchMe = watchMe(store, link)
  return () => {
    stop()
    unwatchMe()
    open.turnTo(undefined)
  }
}

/** As whom the deck knows this console. Asked again whenever the line to it is there again. */
export function watchMe(store: ConsoleStore, link: Link): () => void {
  const isLive = () => store.getState().world.connection.state === 'live'
  if (isLive()) void readMe(store, link)
  return store.subscribe((_state, before) => {
    if (isLive() && before.world.connection.state !== 'live') void readMe(store, link)
  })
}

async function readMe(store: ConsoleStore, link: Link): Promise<void> {
  try {
    const me = (await link.do('operator.me')) as Partial<Me>
    // A supervisor of another version may not tell all of it.
    if (me.local !== undefined) setUi(store, { me: me as Me })
  } catch {
    // The header does without a name.
  }
}

/** The question that is open here, and that others are told of while it is. */
class OpenQuestion {
  id: string | undefined
  readonly #link: Link
  #timer: NodeJS.Timeout | undefined
  #looking: AbortController | undefined

  constructor(link: Link) {
    this.#link = link
  }

  turnTo(id: string | undefined): void {
    if (id === this.id) return
    this.id = id
    clearTimeout(this.#timer)
    this.#looking?.abort()
    this.#looking = undefined
    if (id === undefined) return
    this.#timer = setTimeout(() => void this.#look(id), DWELL_MS)
    this.#timer.unref()
  }

  async #look(id: string): Promise<void> {
    const looking = new AbortController()
    this.#looking = looking
    try {
      for await (const item of this.#link.stream('approval.look', { id }, looking.signal)) void item
    } catch {
      // It was decided meanwhile, or the connection is gone: others need not know then.
    }
  }
}

/** The pending question that keys are about, if there is a line to the deck. */
function questionAt(state: ConsoleState): string | undefined {
  if (state.world.connection.state !== 'live') return undefined
  const [subject] = subjectsAtCursor(state)
  if (subject?.noun !== 'approval') return undefined
  return tableOf(state.world, 'approval').get(subject.id)?.state === 'pending'
    ? subject.id
    : undefined
}

function isActive({ ui }: ConsoleState, { ui: was }: ConsoleState): boolean {
  return (
    ui.cursor !== was.cursor ||
    ui.layers !== was.layers ||
    ui.focus !== was.focus ||
    ui.card !== was.card ||
    ui.marks !== was.marks
  )
}

/** The first decision wins, and whoever was about to decide is told whose it was. */
function sayWhoDecided(
  store: ConsoleStore,
  { state, before, id }: { state: ConsoleState; before: ConsoleState; id: string | undefined },
): void {
  if (id === undefined || state.world === before.world) return
  const now = tableOf(state.world, 'approval').get(id)
  const waited = tableOf(before.world, 'approval').get(id)?.state === 'pending'
  // What was sent from here has its own message.
  if (!waited || now === undefined || before.ui.deciding[id] !== undefined) return
  const by = operatorOf(now.by.split(', ').at(-1) ?? '')
  if (by === undefined) return
  const who = by === state.ui.me?.operator ? 'You, elsewhere,' : by
  const what = plain(`${now.agent} ${now.action.target}`, 80)
  toast(store, `${who} ${now.state} this: ${what}`, now.state === 'allowed' ? 'good' : 'warn')
}
