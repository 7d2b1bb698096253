import { join } from 'node:path'
import { nouns } from '../../domain/nouns.ts'
import { keepCheckpoints } from '../../journal/checkpoints.ts'
import { healNouns } from '../../journal/heal.ts'
import { openClerk } from '../../journal/index-worker.ts'
import { openJournal } from '../../journal/journal.ts'
import { keepMirror } from '../../journal/mirror.ts'
import { eventReader } from '../../journal/read.ts'
import { auditService } from '../../journal/service.ts'
import { openStore } from '../../store/open.ts'
import type { DeckContext } from './context.ts'

/** The journal and what keeps it honest. Tables are brought in line with it first. */
export async function composeRecord({ home, key, log, clock, parts }: DeckContext) {
  const store = openStore(home.database)
  parts.defer(() => void store.close())
  await healNouns({ store, nouns, log })
  const journal = openJournal(store, { clock, nouns, path: home.database })
  const signedHeads = { all: home.checkpoints, last: join(home.secrets, 'head.json') }
  const checkpoints = keepCheckpoints({
    store,
    journal,
    signer: key,
    clock,
    files: signedHeads,
    problem: log,
  })
  const agents = store.prepare<[], string>('SELECT id FROM agent').pluck()
  const mirror = await keepMirror({
    store,
    journal,
    whole: home.mirror,
    ofAgent: (name) => home.agent(name).mirror,
    agents: () => agents.all(),
    problem: log,
  })
  const clerk = openClerk({ store, journal, words: home.searchIndex, problem: log })
  const audit = auditService({
    store,
    journal,
    key,
    checkpoints,
    mirror,
    clerk,
    nouns,
    files: {
      whole: home.mirror,
      checkpoints: signedHeads,
      mirrors: () => agents.all().map((agent) => ({ agent, file: home.agent(agent).mirror })),
    },
  })
  // The last commits still reach the files: these end after the journal.
  parts.defer(() => mirror.close())
  parts.defer(() => clerk.close())
  parts.defer(() => audit.close())
  parts.defer(() => journal.close())
  parts.defer(() => checkpoints.close())
  parts.defer(() => void checkpoints.sign())
  return { store, journal, read: eventReader(store), checkpoints, clerk, audit }
}

export type DeckRecord = Awaited<ReturnType<typeof composeRecord>>
