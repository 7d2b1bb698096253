import { join } from 'node:path'
import { CLOCK_TOLERANCE_MS, type MonotonicClock } from '../../base/clock.ts'
import { span } from '../../base/text.ts'
import { nouns } from '../../commands/registry.ts'
import { Checkpoints } from '../../journal/checkpoints.ts'
import { healNouns } from '../../journal/tables/heal.ts'
import { IndexWorker } from '../../journal/search/index-worker.ts'
import { openJournal } from '../../journal/journal.ts'
import { Mirror } from '../../journal/mirror.ts'
import { eventReader, latestTime } from '../../journal/read.ts'
import { AuditService } from '../../journal/service.ts'
import { openStore } from '../../store/open.ts'
import type { DeckContext } from './context.ts'

/** The journal and what keeps it honest. Tables are brought in line with it first. */
export async function composeRecord({ home, key, log, clock, parts }: DeckContext) {
  const store = openStore(home.database)
  parts.defer(() => void store.close())
  await healNouns({ store, nouns, log })
  clock.startFrom(latestTime(store))
  sayClockBehind(clock, log)
  const journal = openJournal(store, { clock, nouns, path: home.database })
  const signedHeads = { all: home.checkpoints, last: join(home.secrets, 'head.json') }
  const checkpoints = new Checkpoints({
    store,
    journal,
    signer: key,
    clock,
    files: signedHeads,
    problem: log,
  })
  const agents = store.prepare<[], string>('SELECT id FROM agent').pluck()
  const mirror = await Mirror.start({
    store,
    journal,
    file: home.mirror,
    agentFile: (name) => home.agent(name).mirror,
    agents: () => agents.all(),
    problem: log,
  })
  const indexWorker = new IndexWorker({ store, journal, path: home.searchIndex, problem: log })
  const audit = new AuditService({
    store,
    journal,
    key,
    checkpoints,
    mirror,
    indexWorker,
    nouns,
    files: {
      mirror: home.mirror,
      checkpoints: signedHeads,
      agentMirrors: () => agents.all().map((agent) => ({ agent, file: home.agent(agent).mirror })),
    },
  })
  // The last commits still reach the files: these end after the journal.
  parts.use(mirror)
  parts.use(indexWorker)
  parts.use(audit)
  parts.defer(() => journal.close())
  parts.use(checkpoints)
  parts.defer(() => void checkpoints.sign())
  return { store, journal, read: eventReader(store), checkpoints, indexWorker, audit }
}

function sayClockBehind(clock: MonotonicClock, log: (what: string) => void): void {
  const behind = clock.behind()
  if (behind > CLOCK_TOLERANCE_MS)
    log(
      `the system clock is ${span(behind)} behind the latest event of the journal; until it has caught up, expiry goes by the time of the journal`,
    )
}

export type DeckRecord = Awaited<ReturnType<typeof composeRecord>>
