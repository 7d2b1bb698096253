import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { ephemeralHostKey } from './host-key.ts'
import { keepCheckpoints } from '../../src/journal/checkpoints.ts'
import { openClerk } from '../../src/journal/index-worker.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { keepMirror } from '../../src/journal/mirror.ts'
import { nounsOf } from '../../src/journal/noun.ts'
import { ensureTables } from '../../src/journal/tables.ts'
import { auditService } from '../../src/journal/service.ts'
import type { Draft } from '../../src/journal/types.ts'
import { openStore } from '../../src/store/open.ts'

/** A folder that is removed when the test ends. */
export function tempFolder(onEnd: (act: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'cd-'))
  // What is still being written when the test ends may appear while this is under way.
  onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }))
  return folder
}

/** A real journal in a real folder, with everything that keeps it honest. */
export async function realJournal(folder: string, nouns = nounsOf([]), key = ephemeralHostKey()) {
  const path = join(folder, 'deck.db')
  const whole = join(folder, 'audit.jsonl')
  const files = { all: join(folder, 'checkpoints.jsonl'), last: join(folder, 'head.json') }
  const problems: string[] = []
  const store = openStore(path)
  ensureTables(store, nouns)
  const journal = openJournal(store, { clock: systemClock, nouns, path })
  const checkpoints = keepCheckpoints({
    store,
    journal,
    signer: key,
    clock: systemClock,
    files,
    problem: (what) => problems.push(what),
  })
  const mirror = await keepMirror({
    store,
    journal,
    whole,
    ofAgent: (name) => join(folder, 'agents', name, 'audit.jsonl'),
    agents: () => [],
    problem: (what) => {
      throw new Error(what)
    },
  })
  const clerk = openClerk({
    store,
    journal,
    words: join(folder, 'search.db'),
    problem: (what) => problems.push(what),
  })
  const audit = auditService({
    store,
    journal,
    key,
    checkpoints,
    mirror,
    clerk,
    nouns,
    files: { whole, checkpoints: files, mirrors: () => [] },
  })
  return {
    path,
    whole,
    files,
    problems,
    key,
    store,
    journal,
    checkpoints,
    mirror,
    clerk,
    audit,
    async close() {
      checkpoints.close()
      journal.close()
      await audit.close()
      await clerk.close()
      await mirror.close()
      store.close()
    },
  }
}

export function draft(note: string, subject = 'a1'): Draft {
  return { type: 'agent.failed', actor: 'supervisor', subject, body: { note } }
}
