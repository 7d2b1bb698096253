import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '../../../../src/base/fault.ts'
import { endings, openRuleDeck, RUN, WHO, type Options } from '../rule-deck.ts'

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => openRuleDeck(ends.add, options)
const broken = async (): Promise<void> => {
  throw new Fault('journal.corrupt', 'the journal was changed at event 3')
}

describe('rules that cannot be trusted', () => {
  it('are not used: a person decides, with the reason, and nothing is learned meanwhile', async () => {
    const before = await open()
    await before.learned()
    before.close()
    const deck = await open({ folder: before.folder, clock: before.clock, verified: broken })
    const asked = await deck.exec(RUN)
    expect(asked).toMatchObject({
      pending: true,
      reasons: [
        {
          layer: 'supervisor',
          text: 'learned rules are not used: the journal was changed at event 3',
        },
      ],
    })
    await deck.approvals.allow(asked.id, {}, WHO)
    await deck.ended(asked, 'failure')
    expect(await deck.guard.wait('a1', asked.id, 0, new AbortController().signal)).toMatchObject({
      decision: 'allow',
    })
    expect(
      deck
        .events()
        .filter(({ seq }) => seq > before.journal.head().seq)
        .map(({ type }) => type),
    ).toEqual(['approval.requested', 'approval.decided', 'action.reported'])
    expect(deck.log).toEqual(['learned rules are not used: the journal was changed at event 3'])
  })

  it('are neither shown nor changed, and a request for them says why', async () => {
    const deck = await open({ verified: broken })
    const untold = {
      code: 'journal.corrupt',
      message: expect.stringContaining('event 3') as string,
      hint: expect.stringContaining('audit verify') as string,
    }
    const asked = await deck.exec(RUN)
    for (const act of [
      () => deck.deck.list({ limit: 1 }),
      () => deck.deck.get('x'),
      () => deck.deck.status(),
      () => deck.deck.recent(1),
      () => deck.deck.risky(),
      () => deck.deck.proposals(asked.id, 'allow'),
      () =>
        deck.deck.propose(
          { approval: asked.id, width: 'exact', decision: 'allow', scope: 'global', days: null },
          WHO,
        ),
      () => deck.deck.confirm('x', '', WHO),
      () => deck.deck.edit('x', {}, WHO),
      () => deck.deck.merge(['x', 'y'], WHO),
      () => deck.deck.missed(asked.id, '', WHO),
      () => deck.playbooks.list(),
      () => deck.playbooks.suggest(),
      () => deck.playbooks.apply('x', 'confirm', WHO),
    ])
      await expect(act()).rejects.toMatchObject(untold)
  })

  it('are suspended nevertheless when their agent is deleted', async () => {
    const before = await open()
    const id = await before.learned()
    before.close()
    const deck = await open({ folder: before.folder, clock: before.clock, verified: broken })
    await deck.append(...deck.services.changes.retire('a1', WHO))
    expect(deck.record(id).rule).toMatchObject({
      status: 'suspended',
      suspension_reason: 'agent_deleted',
    })
  })
})

describe('the start', () => {
  it('answers only after the rules were compared with the journal', async () => {
    const before = await open()
    await before.learned()
    before.close()
    let prove = (): void => undefined
    const verified = new Promise<void>((resolve) => {
      prove = resolve
    })
    const deck = await open({
      folder: before.folder,
      clock: before.clock,
      verified: () => verified,
      early: true,
    })
    let answered = false
    const asked = deck.exec(RUN).then((answer) => {
      answered = true
      return answer
    })
    for (let turn = 0; turn < 20; turn++) await deck.append()
    expect(answered).toBe(false)
    prove()
    expect(await asked).toMatchObject({ decision: 'allow' })
  })
})
