import { afterEach, describe, expect, it } from 'vitest'
import { tempFolder } from '../../../support/journal.ts'
import { put, smallDeck, text } from './deck.ts'
import { allowRule, rulesText } from './policy-files.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const folderOf = (files: Record<string, string>) => put(tempFolder(onEnd), files)

describe('an invalid file', () => {
  it.each<[string, string, string]>([
    [
      'rules.json',
      '{\n  "r": {"id": "r", "status": "sure"}\n}',
      'rules.json line 2 column 3: r.status: it should be one of',
    ],
    [
      'rules.json',
      '{"r": {"id": "r"},\n "r": {"id": "r"}}',
      'rules.json line 2 column 2: duplicate key "r"',
    ],
    [
      'rules.json',
      '{"r": {"id": "r", "status": "hint",\n"status": "confirmed"}}',
      'rules.json line 2 column 1: duplicate key "status"',
    ],
    [
      'rules.json',
      '{"a": {"id": "r"}, "b": {"id": "r"}}',
      'rules.json line 1 column 20: b: the id r is used twice',
    ],
    ['rules.json', '{"a": {"id": "r\\u001b[2J"}}', 'its id should have 1 to 64 visible characters'],
    ['rules.json', '{"a": {"id": "a", "summary": "\\ud800"}}', 'half of a surrogate pair'],
    ['rules.json', '{"a": {"id": "a"}', 'rules.json: expected a comma or }, line 1 column 18'],
    [
      'rules.json',
      '{"a": {"id": "a", "clawdeck": {"by": "x"}}}',
      'rules.json line 1 column 2: a.clawdeck: it should hold expires_at',
    ],
    ['genes.json', '{"g": 7}', 'genes.json line 1 column 2: g: it is no object'],
    [
      'playbooks.json',
      '{"p": {"id": "p", "rules_used": 3}}',
      'playbooks.json line 1 column 2: p.rules_used: it should be a list of texts',
    ],
    [
      'rules.json',
      `{"a": {"id": "a", "strategy": "${'x'.repeat(300_000)}"}}`,
      'the limit is 262144',
    ],
    [
      'rules.json',
      `{"a": {"id": "a", "strategy": "${'\\n'.repeat(4_000_000)}\\\\"}}`,
      'the limit is 262144',
    ],
    [
      'rules.json',
      `{${Array.from({ length: 50_001 }, (_, i) => `"${i}":{"id":"${i}"}`).join()}}`,
      'rules.json holds 50001 records; the limit is 50000',
    ],
    [
      'policy_events.jsonl',
      `\n${'x'.repeat(300_000)}`,
      'policy_events.jsonl line 2 has 300000 characters',
    ],
  ])(
    '%s %.50s is refused with its place, and nothing is imported',
    async (name, content, message) => {
      const deck = await smallDeck(onEnd)
      const good =
        name === 'rules.json' || name === 'genes.json'
          ? {}
          : { 'rules.json': rulesText(allowRule('r')) }
      await expect(deck.import(folderOf({ ...good, [name]: content }))).rejects.toMatchObject({
        code: 'policies.invalid',
        message: expect.stringContaining(message) as string,
        hint: expect.any(String) as string,
      })
      expect(deck.events()).toEqual([])
    },
  )

  it('keeps and notes lines that are not events', async () => {
    const deck = await smallDeck(onEnd)
    const report = await deck.import(
      folderOf({
        'policy_events.jsonl': 'half\n\n{"timestamp": "1", "event_type": "e", "asset_id": ""}',
      }),
    )
    expect(report).toMatchObject({
      events: 3,
      notes: [
        expect.stringContaining(
          'policy_events.jsonl line 1 is not an event and is kept unchanged',
        ) as string,
      ],
    })
    const out = tempFolder(onEnd)
    await deck.export(out)
    expect(text(out, 'policy_events.jsonl')).toBe(
      'half\n\n{"timestamp": "1", "event_type": "e", "asset_id": ""}\n',
    )
  })

  it.each([
    ['openclaw.json', '{"agents":{"list":[]}}'],
    ['package.json', '{"name": "x", "scripts": {"test": "vitest"}}'],
    ['agents.json', '{"agents": [{"id": "a1", "model": "large"}]}'],
    ['notes.txt', 'hello'],
  ])('%s is none of the files, and nothing is imported', async (name, content) => {
    const deck = await smallDeck(onEnd)
    await expect(deck.import(`${folderOf({ [name]: content })}/${name}`)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(/is not a policy file$/) as string,
    })
    expect(deck.events()).toEqual([])
  })
})
