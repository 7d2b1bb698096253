import { nouns } from '../../commands/registry.ts'
import { Checkpoints } from '../../journal/checkpoints.ts'
import { openJournal, type Journal } from '../../journal/journal.ts'
import { LossAcceptance } from '../../journal/loss/acceptance.ts'
import { Losses } from '../../journal/loss/losses.ts'
import { Mirror } from '../../journal/mirror.ts'
import { eventReader } from '../../journal/read.ts'
import { IndexWorker } from '../../journal/search/index-worker.ts'
import { AuditService } from '../../journal/service.ts'
import { openStore, type Store } from '../../store/open.ts'
import type { DeckContext } from './context.ts'
import { openEnd } from './journal-end.ts'

/** The journal and what keeps it honest. Tables are brought in line with it first. */
export async function composeRecord(context: DeckContext) {
  const { home, key, log, clock, parts } = context
  const store = openStore(home.database)
  parts.defer(() => void store.close())
  const { mark, loss, accepted } = await openEnd(context, store)
  const journal = openJournal(store, { clock, nouns, path: home.database, mark })
  const losses = parts.use(new Losses({ store, journal, log }))
  if (loss !== undefined) losses.suspect(loss)
  const common = { store, journal, losses }
  const { checkpoints, mirror, files } = await composeCopies(context, {
    ...common,
    frozen: mark.isFrozen,
  })
  const indexWorker = new IndexWorker({ store, journal, path: home.searchIndex, problem: log })
  const acceptance = new LossAcceptance({ ...common, clock, mark, checkpoints, mirror })
  // It was accepted, and the supervisor was killed before everything else was brought in line.
  if (accepted !== undefined) await acceptance.settle(accepted)
  const audit = new AuditService({
    ...common,
    key,
    checkpoints,
    mirror,
    indexWorker,
    nouns,
    acceptance,
    files,
  })
  // The last commits still reach the files: these end after the journal.
  parts.use(mirror)
  parts.use(indexWorker)
  parts.use(audit)
  parts.defer(() => {
    journal.close()
    mark.close(journal.head(), clock.now())
  })
  parts.use(checkpoints)
  parts.defer(() => void checkpoints.sign())
  const read = eventReader(store)
  // The last event of the supervisor before this one.
  const inherited = journal.head().seq
  return { ...common, read, inherited, checkpoints, indexWorker, acceptance, audit }
}

/** What is copied from the database to files: signed heads, and the lines of all events. */
async function composeCopies(
  { home, key, log, clock }: DeckContext,
  {
    store,
    journal,
    losses,
    frozen,
  }: { store: Store; journal: Journal; losses: Losses; frozen: boolean },
) {
  const signedHeads = { all: home.checkpoints, last: home.lastCheckpoint }
  const checkpoints = new Checkpoints({
    store,
    journal,
    signer: key,
    clock,
    files: signedHeads,
    trusted: () => losses.problem === undefined,
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
    frozen,
  })
  const files = {
    mirror: home.mirror,
    checkpoints: signedHeads,
    agentMirrors: () => agents.all().map((agent) => ({ agent, file: home.agent(agent).mirror })),
  }
  return { checkpoints, mirror, files }
}

export type DeckRecord = Awaited<ReturnType<typeof composeRecord>>
