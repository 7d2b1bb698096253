import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'
import type { Journal } from './journal.ts'
import { MirrorFile } from './mirror-file.ts'
import { eventReader } from './read.ts'

export interface Mirror {
  /** Resolves when every event committed until now is in its files, as far as they can be written. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Events are gathered for so long: a file is opened once for many, and not while an agent waits for its answer. */
const GATHER_MS = 50
/** After these the folder of an agent is another one than before. */
const MOVED: readonly string[] = ['agent.created', 'agent.deleted', 'agent.restored']

/**
 * Copies every event, as the line that `verify` expects, to the whole mirror and to its agent's own (which tells of every
 * agent that ever had the name). The journal is the truth: a mirror may lag, and is brought up to date from it whenever
 * its state is not known: at the start, after a failure, when a folder came or went.
 */
export async function keepMirror(options: {
  store: Store
  journal: Journal
  whole: string
  ofAgent: (name: string) => string
  agents: () => string[]
  problem: (what: string) => void
}): Promise<Mirror> {
  const read = eventReader(options.store)
  const whole = new MirrorFile(
    options.whole,
    (seq, limit) => read.since(seq, limit),
    options.problem,
  )
  const own = new Map<string, MirrorFile>()
  let waiting: StoredEvent[] = []
  let running: Promise<void> | undefined
  let written = options.journal.head().seq
  let hurry = (): void => undefined

  const gathered = (): Promise<void> =>
    new Promise((go) => {
      const timer = setTimeout(go, GATHER_MS)
      hurry = () => {
        clearTimeout(timer)
        go()
      }
    })

  function ofAgent(agent: string): MirrorFile {
    const file =
      own.get(agent) ??
      new MirrorFile(
        options.ofAgent(agent),
        (seq, limit) => read.ofSubject(agent, seq, limit),
        options.problem,
      )
    own.set(agent, file)
    return file
  }

  async function write(events: readonly StoredEvent[]): Promise<void> {
    await whole.take(events)
    for (const [agent, its] of Map.groupBy(events, (event) => event.subject)) {
      if (agent === '') continue
      if (its.some(({ type }) => MOVED.includes(type))) own.delete(agent)
      await ofAgent(agent).take(its)
      if (its.at(-1)?.type === 'agent.deleted') own.delete(agent)
    }
  }

  async function drain(): Promise<void> {
    const batch = waiting
    waiting = []
    await write(batch)
    written = batch.at(-1)?.seq ?? written
    running = waiting.length === 0 ? undefined : gathered().then(drain)
  }

  await whole.take([])
  for (const agent of options.agents()) await ofAgent(agent).take([])

  const unfollow = options.journal.follow((commit) => {
    waiting.push(...commit.stored)
    running ??= gathered().then(drain)
  })
  const settled = async (): Promise<void> => {
    // What is appended while this waits is not waited for: there may be no end of it.
    const due = options.journal.head().seq
    while (running !== undefined && written < due) {
      hurry()
      await running
    }
    for (const file of [whole, ...own.values()]) if (file.behind) await file.take([])
  }
  return {
    settled,
    async close() {
      unfollow()
      await settled()
    },
  }
}
