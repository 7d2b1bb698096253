import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/base/clock.ts'
import { yielder } from '../../../../src/base/yield.ts'
import { newPlaybook } from '../../../../src/clawpolicy/files/records.ts'
import { writePlaybooks } from '../../../../src/clawpolicy/files/write.ts'
import { tempFolder } from '../../../support/journal.ts'
import { put, smallDeck } from './deck.ts'
import { allowRule, manyRules, outcomeAt, rulesText } from './policy-files.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const folderOf = (files: Record<string, string>) => put(tempFolder(onEnd), files)

describe('an import of rules that exist', () => {
  it('leaves equal ones alone, and refuses, replaces or keeps others', async () => {
    const deck = await smallDeck(onEnd)
    const ours = folderOf({
      'rules.json': rulesText(allowRule('r')),
      'playbooks.json': writePlaybooks(new Map([['p', newPlaybook({ id: 'p' })]])),
    })
    await deck.import(ours)
    const events = deck.events().length
    expect(await deck.import(ours)).toMatchObject({
      rules: { made: 0, same: 1 },
      playbooks: 0,
      events: 0,
    })
    expect(deck.events()).toHaveLength(events)

    const theirs = folderOf({
      'rules.json': rulesText(allowRule('r', { summary: 'other' }), allowRule('fresh')),
      'playbooks.json': writePlaybooks(
        new Map([['p', newPlaybook({ id: 'p', summary: 'other' })]]),
      ),
    })
    await expect(deck.import(theirs)).rejects.toMatchObject({
      code: 'not.possible',
      message: '2 rules or playbooks of the same id exist and differ: r (summary); p (summary)',
      hint: expect.stringContaining('--replace') as string,
    })
    await expect(deck.import({ path: theirs, keep: true, replace: true })).rejects.toMatchObject({
      code: 'input.invalid',
    })
    expect(await deck.import({ path: theirs, dryRun: true })).toMatchObject({
      dryRun: true,
      rules: { made: 1, same: 0 },
      conflicts: [
        { id: 'r', differs: ['summary'] },
        { id: 'p', differs: ['summary'] },
      ],
    })
    expect(deck.events()).toHaveLength(events)

    expect(await deck.import({ path: theirs, keep: true })).toMatchObject({
      rules: { made: 1, kept: 2 },
    })
    expect(deck.rules().map(({ rule: { id, summary } }) => [id, summary])).toEqual([
      ['r', 's'],
      ['fresh', 's'],
    ])
    expect(await deck.import({ path: theirs, replace: true })).toMatchObject({
      rules: { changed: 1, same: 1 },
      playbooks: 1,
    })
    expect(deck.rules().map(({ rule: { id, summary } }) => [id, summary])).toEqual([
      ['r', 'other'],
      ['fresh', 's'],
    ])
  })

  it('succeeds once of two at the same time; the other finds equal rules, or is refused', async () => {
    const deck = await smallDeck(onEnd)
    const many = (summary: string) =>
      folderOf({
        'rules.json': manyRules(30, summary),
        'policy_events.jsonl': outcomeAt(1) + outcomeAt(1),
      })
    const same = many('one')
    const both = await Promise.all([deck.import(same), deck.import(same)])
    expect(
      both.map(({ rules: { made, same: was }, events }) => [made, was, events]).toSorted(),
    ).toEqual([
      [0, 30, 0],
      [30, 0, 2],
    ])
    const other = await smallDeck(onEnd)
    const results = await Promise.allSettled([other.import(same), other.import(many('two'))])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining(
        '30 rules or playbooks of the same id exist and differ',
      ) as string,
    })
    expect(new Set(other.rules().map(({ rule: { summary } }) => summary)).size).toBe(1)
    expect(other.rules()).toHaveLength(30)
  })

  it.each(['refused', 'previewed'])(
    'is %s from one state, even if it changes during the comparison',
    async (how) => {
      const theirs = folderOf({ 'rules.json': manyRules(30, 'one') })
      const ours = folderOf({ 'rules.json': manyRules(30, 'two') })
      let slices = 0
      // 30 slices parse the rules and 30 compare them: the other import runs before the last three.
      const deck = await smallDeck(onEnd, systemClock, (signal) => {
        const others = slices === 0 ? undefined : yielder(signal)
        return async () => {
          if (others === undefined && ++slices === 57) await deck.import(theirs)
        }
      })
      const imported = deck.import({ path: ours, dryRun: how === 'previewed' })
      if (how === 'refused')
        await expect(imported).rejects.toMatchObject({
          message: expect.stringMatching(/^30 rules or playbooks of the same id/) as string,
        })
      else
        await expect(imported).resolves.toMatchObject({
          rules: { made: 0 },
          conflicts: { length: 30 },
        })
    },
  )
})
