import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { lineOf } from '../../src/journal/chain.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { Mirror } from '../../src/journal/mirror.ts'
import { eventReader } from '../../src/journal/read.ts'
import type { Draft } from '../../src/journal/types.ts'
import { nounsOf } from '../../src/journal/noun.ts'
import { openStore } from '../../src/store/open.ts'
import { draft, tempFolder } from '../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function open() {
  const folder = tempFolder((act) => cleanups.push(act))
  const path = join(folder, 'deck.db')
  const store = openStore(path)
  const journal = openJournal(store, { clock: systemClock, nouns: nounsOf([]), path })
  cleanups.push(() => {
    journal.close()
    store.close()
  })
  const whole = join(folder, 'audit.jsonl')
  const agentFile = (name: string) => join(folder, 'agents', name, 'audit.jsonl')
  const problems: string[] = []
  const mirror = () =>
    Mirror.start({
      store,
      journal,
      file: whole,
      agentFile,
      agents: () => ['a1'],
      problem: (what) => problems.push(what),
    })
  const read = eventReader(store)
  const append = (...drafts: Draft[]) => journal.append(() => drafts)
  const lines = (subject?: string) =>
    (subject === undefined ? read.since(0, 1000) : read.ofSubject(subject, 0, 1000))
      .map((e) => `${lineOf(e)}\n`)
      .join('')
  const folderOf = (name: string) => dirname(agentFile(name))
  mkdirSync(folderOf('a1'), { recursive: true })
  return { folder, whole, own: agentFile('a1'), folderOf, problems, mirror, append, lines }
}

const text = (file: string) => readFileSync(file, 'utf8')
const life = (type: 'agent.created' | 'agent.deleted', subject = 'a1'): Draft =>
  ({ type, actor: 'operator', subject, body: {} }) as unknown as Draft

describe('a mirror is brought up to date', () => {
  it('after a crash that cut its last line', async () => {
    const { mirror, append, whole, own, lines } = await open()
    const first = await mirror()
    await append(draft('one'), draft('two'))
    await first[Symbol.asyncDispose]()
    for (const file of [whole, own]) truncateSync(file, text(file).length - 7)
    await append(draft('three'))
    await (await mirror())[Symbol.asyncDispose]()
    expect(text(whole)).toBe(lines())
    expect(text(own)).toBe(lines('a1'))
  })

  it('whatever numbers an agent puts into its text', async () => {
    const { mirror, append, whole, lines } = await open()
    const hostile = { note: '"seq":77,"subject":"x"', extra: { seq: 99, subject: 'x' } }
    await append({ ...draft(''), body: hostile } as Draft)
    await (await mirror())[Symbol.asyncDispose]()
    await append(draft('after the crash'))
    await (await mirror())[Symbol.asyncDispose]()
    expect(text(whole)).toBe(lines())
  })

  it('when it could not be written for a while, which is reported', async () => {
    const { mirror, append, own, lines, problems } = await open()
    const kept = await mirror()
    mkdirSync(own)
    await append(draft('lost for now'))
    await kept.flush()
    expect(problems).not.toEqual([])
    rmdirSync(own)
    await kept.flush()
    expect(text(own)).toBe(lines('a1'))
    await append(draft('as usual'))
    await kept[Symbol.asyncDispose]()
    expect(text(own)).toBe(lines('a1'))
  })

  it('when an agent was deleted and its name reused, and when it was restored', async () => {
    const { folder, folderOf, mirror, append, own, lines } = await open()
    const kept = await mirror()
    await append(life('agent.created'), draft('the first'))
    await kept.flush()
    await append(life('agent.deleted'))
    renameSync(folderOf('a1'), join(folder, 'trash'))
    await kept.flush()
    mkdirSync(folderOf('a1'))
    await append(life('agent.created'), draft('the second'))
    await kept.flush()
    expect(text(own)).toBe(lines('a1'))
    await append(life('agent.deleted'))
    await kept.flush()
    rmSync(folderOf('a1'), { recursive: true })
    renameSync(join(folder, 'trash'), folderOf('a1'))
    await append({ ...life('agent.created'), type: 'agent.restored' } as Draft)
    await kept[Symbol.asyncDispose]()
    expect(text(own)).toBe(lines('a1'))
  })
})

it('leaves a mirror unchanged that does not end with an event', async () => {
  const { mirror, append, whole, problems } = await open()
  await append(draft('one'))
  await (await mirror())[Symbol.asyncDispose]()
  appendFileSync(whole, 'not an event\n')
  const before = text(whole)
  const kept = await mirror()
  await append(draft('two'))
  await kept[Symbol.asyncDispose]()
  expect(text(whole)).toBe(before)
  expect(problems[0]).toMatch(/does not end with an event/)
})
