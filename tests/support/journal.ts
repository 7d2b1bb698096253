import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { ephemeralHostKey } from './host-key.ts'
import { Checkpoints } from '../../src/journal/checkpoints.ts'
import { IndexWorker } from '../../src/journal/search/index-worker.ts'
import { HeadMark } from '../../src/journal/head-mark.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { Mirror } from '../../src/journal/mirror.ts'
import { LossAcceptance } from '../../src/journal/loss/acceptance.ts'
import { headIn } from '../../src/journal/loss/evidence.ts'
import { Losses } from '../../src/journal/loss/losses.ts'
import { lossNoun } from '../../src/journal/loss/noun.ts'
import { nounsOf } from '../../src/journal/noun.ts'
import { ensureTables } from '../../src/journal/tables/tables.ts'
import { AuditService } from '../../src/journal/service.ts'
import type { Draft } from '../../src/journal/types.ts'
import { openStore } from '../../src/store/open.ts'

/** A folder that is removed when the test ends. */
export function tempFolder(onEnd: (act: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'cd-'))
  // What is still being written when the test ends may appear while this is under way.
  onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }))
  return folder
}

/** A real journal in a real folder, with checkpoints, mirror and search. */
export async function realJournal(folder: string, other = nounsOf([]), key = ephemeralHostKey()) {
  const nouns = nounsOf([...other.all, lossNoun])
  const path = join(folder, 'deck.db')
  const mirrorFile = join(folder, 'audit.jsonl')
  const files = { all: join(folder, 'checkpoints.jsonl'), last: join(folder, 'head.json') }
  const problems: string[] = []
  const store = openStore(path)
  ensureTables(store, nouns)
  const mark = new HeadMark({ path: join(folder, 'head.mark'), key, boot: 'test' })
  mark.renew(headIn(store), Date.now())
  const journal = openJournal(store, { clock: systemClock, nouns, path, mark })
  const losses = new Losses({ store, journal, log: (what) => problems.push(what) })
  const checkpoints = new Checkpoints({
    store,
    journal,
    signer: key,
    clock: systemClock,
    files,
    problem: (what) => problems.push(what),
  })
  const mirror = await Mirror.start({
    store,
    journal,
    file: mirrorFile,
    agentFile: (name) => join(folder, 'agents', name, 'audit.jsonl'),
    agents: () => [],
    problem: (what) => {
      throw new Error(what)
    },
  })
  const indexWorker = new IndexWorker({
    store,
    journal,
    path: join(folder, 'search.db'),
    problem: (what) => problems.push(what),
  })
  const acceptance = new LossAcceptance({
    store,
    journal,
    clock: systemClock,
    losses,
    mark,
    checkpoints,
    mirror,
  })
  const audit = new AuditService({
    store,
    journal,
    key,
    checkpoints,
    mirror,
    indexWorker,
    nouns,
    losses,
    acceptance,
    files: { mirror: mirrorFile, checkpoints: files, agentMirrors: () => [] },
  })
  return {
    path,
    mirrorFile,
    files,
    problems,
    key,
    store,
    journal,
    checkpoints,
    mirror,
    indexWorker,
    audit,
    losses,
    mark,
    async close() {
      await checkpoints[Symbol.asyncDispose]()
      journal.close()
      await audit[Symbol.asyncDispose]()
      await indexWorker[Symbol.asyncDispose]()
      await mirror[Symbol.asyncDispose]()
      store.close()
    },
  }
}

export function draft(note: string, subject = 'a1'): Draft {
  return { type: 'agent.failed', actor: 'supervisor', subject, body: { note } }
}
