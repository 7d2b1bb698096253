import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { exportTarget } from '../../../../src/domain/rules/files/export.ts'
import { withFolderLock } from '../../../../src/domain/rules/files/folder-lock.ts'
import { writeDraft, publishDrafts } from '../../../../src/domain/rules/files/draft-files.ts'
import { tempFolder } from '../../../support/journal.ts'
import { put, smallDeck, text } from './deck.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const FILES = [
  'AGENTS.md',
  'SOUL.md',
  'USER.md',
  'playbooks.json',
  'policy_events.jsonl',
  'rules.json',
]
/** No process has this id. */
const DEAD_PID = 2 ** 22 + 1

async function deckWithRule() {
  const deck = await smallDeck(onEnd)
  const from = put(tempFolder(onEnd), {
    'rules.json': '{"rule_escalation": {"id": "rule_escalation", "strategy": "Ask"}}',
  })
  await deck.import(from)
  return deck
}

describe('an export', () => {
  it('of a new deck equals what the original would write', async () => {
    const folder = join(tempFolder(onEnd), '.clawpolicy')
    const report = await (await smallDeck(onEnd)).export(folder)
    expect(report).toMatchObject({
      path: join(folder, 'policy'),
      rules: 0,
      playbooks: 0,
      events: 0,
    })
    expect(
      ['rules.json', 'playbooks.json', 'policy_events.jsonl'].map((name) =>
        text(folder, 'policy', name),
      ),
    ).toEqual(['{}', '{}', ''])
    expect([
      readdirSync(folder).toSorted(),
      readdirSync(join(folder, 'policy')).toSorted(),
    ]).toEqual([['AGENTS.md', 'SOUL.md', 'USER.md', 'policy'], FILES.slice(3)])
    expect(report.files.map(({ name }) => name)).toEqual([
      'rules.json',
      'playbooks.json',
      'policy_events.jsonl',
      '../USER.md',
      '../SOUL.md',
      '../AGENTS.md',
    ])
    expect(report.files[0]).toEqual({
      name: 'rules.json',
      bytes: 2,
      sha256: createHash('sha256').update('{}').digest('hex'),
    })
    expect(statSync(join(folder, 'policy', 'rules.json')).mode & 0o777).toBe(0o600)
  })

  it('chooses its folders by the path', async () => {
    const root = tempFolder(onEnd)
    mkdirSync(join(root, 'project', '.clawpolicy'), { recursive: true })
    expect(await exportTarget(join(root, 'project'))).toEqual({
      policy: join(root, 'project', '.clawpolicy', 'policy'),
      markdown: join(root, 'project', '.clawpolicy'),
    })
    expect(await exportTarget(join(root, 'project', '.clawpolicy'))).toEqual(
      await exportTarget(join(root, 'project')),
    )
    expect(await exportTarget(join(root, 'project', '.clawpolicy', 'policy'))).toEqual(
      await exportTarget(join(root, 'project')),
    )
    mkdirSync(join(root, 'repository', '.git'), { recursive: true })
    expect(await exportTarget(join(root, 'repository'))).toEqual({
      policy: join(root, 'repository', '.clawpolicy', 'policy'),
      markdown: join(root, 'repository', '.clawpolicy'),
    })
    expect(await exportTarget(join(root, 'out'))).toEqual({
      policy: join(root, 'out'),
      markdown: join(root, 'out'),
    })
  })

  it('keeps other Markdown sections, and the mode of existing files', async () => {
    const folder = put(tempFolder(onEnd), {
      'AGENTS.md': '# AGENTS\n\nMine.\n\n## Escalation\n\nold\n\n## Also mine\n\nkept\n',
    })
    chmodSync(join(folder, 'AGENTS.md'), 0o640)
    await (await deckWithRule()).export(folder)
    expect(text(folder, 'AGENTS.md')).toBe(
      '# AGENTS\n\nMine.\n\n## Escalation\n\nAsk\n\n## Also mine\n\nkept\n',
    )
    expect(statSync(join(folder, 'AGENTS.md')).mode & 0o777).toBe(0o640)
  })

  it('writes nothing if it would follow a link or replace something else than a file', async () => {
    const deck = await deckWithRule()
    const folder = put(tempFolder(onEnd), { secret: 'x', 'rules.json': 'before' })
    symlinkSync(join(folder, 'secret'), join(folder, 'AGENTS.md'))
    await expect(deck.export(folder)).rejects.toMatchObject({
      code: 'not.possible',
      message: `${join(folder, 'AGENTS.md')} is not a regular file`,
    })
    expect(readdirSync(folder).toSorted()).toEqual(['AGENTS.md', 'rules.json', 'secret'])
    expect([text(folder, 'rules.json'), text(folder, 'secret')]).toEqual(['before', 'x'])
    const link = join(tempFolder(onEnd), 'policy')
    symlinkSync(folder, link)
    await expect(deck.export(link)).rejects.toMatchObject({
      code: 'not.possible',
      message: `${link} is a link or not a folder`,
    })
    await expect(deck.export(join(folder, 'secret'))).rejects.toMatchObject({
      code: 'not.possible',
      hint: expect.any(String) as string,
    })
    expect(deck.events().at(-1)?.type).toBe('rule.imported')
  })

  it('publishes all drafts or none', async () => {
    const folder = put(tempFolder(onEnd), { one: 'old' })
    const drafts = [
      await writeDraft(join(folder, 'one'), ['new']),
      await writeDraft(join(folder, 'two'), ['new']),
      await writeDraft(join(folder, 'three'), ['new']),
    ]
    mkdirSync(join(folder, 'three'))
    await expect(publishDrafts(drafts)).rejects.toThrow()
    expect(readdirSync(folder).toSorted()).toEqual(['one', 'three'])
    expect(text(folder, 'one')).toBe('old')
    expect(lstatSync(join(folder, 'three')).isDirectory()).toBe(true)
  })

  it('is refused while another one writes to the folder', async () => {
    const deck = await deckWithRule()
    const folder = tempFolder(onEnd)
    const results = await Promise.allSettled([deck.export(folder), deck.export(folder)])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining('this deck is writing there') as string,
    })
    expect(readdirSync(folder).toSorted()).toEqual(FILES)
  })
})

describe('the lock of a folder', () => {
  const lock = (folder: string) => join(folder, '.clawdeck.lock')

  it('of a dead process is taken over', async () => {
    const folder = tempFolder(onEnd)
    writeFileSync(lock(folder), JSON.stringify({ pid: DEAD_PID, token: 'x' }))
    expect(
      await withFolderLock(
        folder,
        async () => (JSON.parse(text(lock(folder))) as { pid: number }).pid,
      ),
    ).toBe(process.pid)
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a living or unknown process is respected', async () => {
    const folder = tempFolder(onEnd)
    writeFileSync(lock(folder), JSON.stringify({ pid: process.ppid }))
    await expect(withFolderLock(folder, async () => 'done')).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining(`process ${process.ppid} is writing there`) as string,
    })
    writeFileSync(lock(folder), 'what is this')
    await expect(withFolderLock(folder, async () => 'done')).rejects.toMatchObject({
      message: expect.stringContaining('another process is writing there') as string,
    })
    expect(text(lock(folder))).toBe('what is this')
  })

  it('is released after a failure', async () => {
    const folder = tempFolder(onEnd)
    await expect(
      withFolderLock(folder, async () => {
        throw new Error('broken')
      }),
    ).rejects.toThrow('broken')
    expect(await withFolderLock(folder, async () => 'done')).toBe('done')
  })
})
