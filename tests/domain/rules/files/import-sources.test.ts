import { afterEach, describe, expect, it } from 'vitest'
import { newPlaybook } from '../../../../src/clawpolicy/files/records.ts'
import { writePlaybooks } from '../../../../src/clawpolicy/files/write.ts'
import { tempFolder } from '../../../support/journal.ts'
import { put, smallDeck } from './deck.ts'
import { allowRule, outcomeAt, rulesText } from './policy-files.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const folderOf = (files: Record<string, string>) => put(tempFolder(onEnd), files)

describe('an import', () => {
  const rules = rulesText(allowRule('r'))
  it.each<[string, Record<string, string>, string[]]>([
    [
      'a project',
      {
        '.clawpolicy/policy/rules.json': rules,
        '.clawpolicy/USER.md': '# USER\n\n## Notes\n\nBe kind\n',
        'AGENTS.md': '# of the project\n',
      },
      ['rules.json: 1 rule', 'USER.md: 26 characters'],
    ],
    [
      '.clawpolicy',
      { 'policy/rules.json': rules, 'policy/playbooks.json': '{}' },
      ['rules.json: 1 rule', 'playbooks.json: 0 playbooks'],
    ],
    [
      'the former folder name',
      { '.openclaw_memory/policy/rules.json': rules },
      ['rules.json: 1 rule'],
    ],
    [
      'the first file names',
      {
        'gep/genes.json': '{"g": {"id": "g", "type": "Gene", "summary": "s"}}',
        'gep/capsules.json': '{"c": {"id": "c", "genes_used": ["g"]}}',
        'gep/events.jsonl': '{"timestamp": "1", "event_type": "e", "asset_id": ""}\n',
      },
      ['genes.json: 1 rule', 'capsules.json: 1 playbook', 'events.jsonl: 1 line'],
    ],
    [
      'Markdown only',
      { '.clawpolicy/SOUL.md': '# SOUL\n\n## Core Principles\n\n- Ask\n' },
      ['SOUL.md: 34 characters'],
    ],
  ])('finds the files of %s', async (_, files, found) => {
    expect(await (await smallDeck(onEnd)).import(folderOf(files))).toMatchObject({ found })
  })

  it.each<[string, string, string]>([
    ['rules.json', rules, 'rules.json: 1 rule'],
    ['copy.json', rules, 'copy.json: 1 rule'],
    [
      'book.json',
      writePlaybooks(new Map([['p', newPlaybook({ id: 'p' })]])),
      'book.json: 1 playbook',
    ],
    ['log.jsonl', outcomeAt(1), 'log.jsonl: 1 line'],
    ['USER.md', '## Notes\n\nx\n', 'USER.md: 12 characters'],
    ['mine.md', '# AGENTS\n\n## Escalation\n\nx\n', 'AGENTS.md: 27 characters'],
  ])('recognises the single file %s', async (name, content, found) => {
    expect(
      await (await smallDeck(onEnd)).import(`${folderOf({ [name]: content })}/${name}`),
    ).toMatchObject({ found: [found] })
  })

  it('reads the nearest store and notes the others', async () => {
    const folder = folderOf({
      '.clawpolicy/policy/rules.json': rules,
      '.openclaw_memory/policy/rules.json': '{',
    })
    expect((await (await smallDeck(onEnd)).import(folder)).notes).toContain(
      `${folder}/.openclaw_memory/policy also holds policy files; they were not read`,
    )
  })

  it.each([
    ['nothing', 'not.found'],
    ['', 'not.found'],
    ['notes.txt', 'input.invalid'],
    ['readme.md', 'input.invalid'],
  ])('refuses the path %j', async (name, code) => {
    const folder = folderOf({ 'notes.txt': 'x', 'readme.md': '# Hello' })
    await expect((await smallDeck(onEnd)).import(`${folder}/${name}`)).rejects.toMatchObject({
      code,
    })
  })
})
