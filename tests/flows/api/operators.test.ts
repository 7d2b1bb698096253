import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { traceLines } from '../../../src/doors/text/ledger.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const DEPLOY = { agent_id: 'scout', action_type: 'deploy', declared_goal: 'ship 1.2' }

async function held(): Promise<{ id: string; approval: string }> {
  const { body } = await api.call('POST /actions', DEPLOY)
  const [waiting] = await api.deck.deck.approvals.list('pending', 1)
  return { id: String(body['action_id']), approval: waiting?.id ?? '' }
}

describe('operators', () => {
  test('see in an approval which action of the ledger it is about', async () => {
    const { id } = await held()
    const [waiting] = await api.deck.deck.approvals.list('pending', 1)
    expect(waiting?.action.extra).toMatchObject({ action_type: 'deploy', action_id: id })
  })

  test('see in the ledger what was asked, how risky it was, and what to do next', async () => {
    const { id, approval } = await held()
    const { desk } = await api.deck.deck.governance()
    const shown = () =>
      traceLines({ ...desk.show(id), why: null })
        .map(({ text }) => text)
        .join('\n')
    expect(shown()).toContain(`next         clawdeck approvals allow ${approval}`)
    const edit = { target: 'ship 1.3' }
    await api.deck.deck.approvals.allow(approval, { edit }, OPERATOR)
    expect(desk.page({ side: 'older', limit: 5 }).rows).toMatchObject([{ risk: 85 }])
    const text = shown()
    expect(text).toContain('ship 1.3')
    expect(text).toContain('asked        ship 1.2 (it was changed)')
    expect(text).toContain('risk         85')
    expect(text).toContain(`why          clawdeck policy why ${approval}`)
    expect(text).not.toContain('next ')
  })

  test('are told why, with the answer that it would have now', async () => {
    const { approval } = await held()
    await api.deck.deck.approvals.allow(approval, {}, OPERATOR)
    const why = await api.deck.deck.rules.why(approval)
    expect(JSON.stringify(why)).not.toContain('was deleted')
    expect(why).toMatchObject({ now: { decision: 'require_approval' } })
  })

  test('wait for no action that was deleted', async () => {
    const { id, approval } = await held()
    const waiting = api.call(`GET /actions/${id}`)
    expect((await waiting).body).toMatchObject({ action: { status: 'pending_approval' } })
    expect(await api.call(`DELETE /actions?action_id=${id}`)).toMatchObject({
      body: { deleted: 1, action_ids: [id] },
    })
    expect(await api.deck.deck.approvals.list('pending', 5)).toEqual([])
    expect(await api.deck.deck.approvals.list('decided', 5)).toMatchObject([
      { id: approval, state: 'expired', note: 'Its action was deleted' },
    ])
    expect((await api.call(`GET /actions/${id}`)).status).toBe(404)
    const late = api.deck.deck.approvals.allow(approval, {}, OPERATOR)
    await expect(late).rejects.toMatchObject({ code: 'approval.decided' })
    expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
  })

  test('leave decided approvals alone when their action is deleted', async () => {
    const { id, approval } = await held()
    await api.deck.deck.approvals.deny(approval, { note: 'no' }, OPERATOR)
    await api.call(`DELETE /actions?action_id=${id}`)
    expect(await api.deck.deck.approvals.list('decided', 5)).toMatchObject([
      { state: 'denied', note: 'no' },
    ])
  })

  test('name an organisation by its slug or id', async () => {
    const { orgs } = api.deck.deck
    const { id } = await orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    expect(orgs.named('acme').id).toBe(id)
    expect(orgs.named(id).slug).toBe('acme')
    expect(() => orgs.named('nobody')).toThrow('there is no organisation nobody')
  })
})
