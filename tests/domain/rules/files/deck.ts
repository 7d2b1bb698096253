import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock, type Clock } from '../../../../src/base/clock.ts'
import { yielder } from '../../../../src/base/yield.ts'
import { ensureTables } from '../../../../src/journal/tables/tables.ts'
import { nouns } from '../../../../src/commands/registry.ts'
import { ruleFileService } from '../../../../src/domain/rules/files/service.ts'
import { Learning } from '../../../../src/domain/rules/learning/learning.ts'
import { openJournal } from '../../../../src/journal/journal.ts'
import { eventReader } from '../../../../src/journal/read.ts'
import { openStore } from '../../../../src/store/open.ts'
import { tempFolder } from '../../../support/journal.ts'
import type { ImportInput } from '../../../../src/domain/rules/files/types.ts'

export const OPERATOR = 'operator:cli'

/** A journal and its rules: all that an import and an export need. */
export async function smallDeck(
  onEnd: (act: () => void) => void,
  clock: Clock = systemClock,
  newYielder: typeof yielder = yielder,
) {
  const path = join(tempFolder(onEnd), 'deck.db')
  const store = openStore(path)
  ensureTables(store, nouns)
  const journal = openJournal(store, { clock, nouns, path })
  const learning = new Learning({
    journal,
    store,
    clock,
    verified: async () => {
      /* nothing to compare with */
    },
    log: (what) => {
      throw new Error(what)
    },
  })
  onEnd(() => {
    void learning[Symbol.asyncDispose]()
    journal.close()
    store.close()
  })
  await learning.ready
  const files = ruleFileService({ learning, journal, store, clock, yielder: newYielder })
  return {
    store,
    journal,
    learning,
    files,
    import: (input: string | ImportInput) =>
      files.import(typeof input === 'string' ? { path: input } : input, OPERATOR),
    export: (to: string, facts = true) => files.export({ path: to, facts }, OPERATOR),
    events: () =>
      eventReader(store)
        .since(0, 100_000)
        .map((event) => ({ ...event, body: JSON.parse(event.body) as Record<string, unknown> })),
    rules: () => [...learning.book.all()],
  }
}

/** Writes files below a folder, by path. */
export function put(folder: string, files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export function text(...path: string[]): string {
  return readFileSync(join(...path), 'utf8')
}
