import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFace } from '../../../src/commands/registry.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { Screen } from '../../support/screen.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
beforeEach(async () => {
  clock = new ManualClock()
  api = new ApiDeck((act) => cleanups.push(act), clock)
  api.deck.withSettings('approvals: { expiryMinutes: 600 }')
  await api.start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function opened(columns = 80, rows = 24): Promise<Screen> {
  const link = openLink(api.deck.home.socket, 'console')
  const screen = new Screen(columns, rows).open(link)
  cleanups.push(async () => {
    await screen.close()
    link.close()
  })
  await screen.expect(/\d up/)
  return screen
}

function titleOf(id: string): string {
  return findFace(id)?.title ?? ''
}

async function act(fields: object = {}): Promise<string> {
  const { body } = await api.call('POST /actions', {
    agent_id: 'scout',
    action_type: 'research',
    declared_goal: 'read the docs',
    ...fields,
  })
  return String(body['action_id'])
}

/** An action that runs at high risk, without anybody who authorized it. */
async function unwatched(): Promise<string> {
  const risky = { action_type: 'cleanup', declared_goal: 'drop the old tables' }
  const id = await act({ ...risky, reversible: false, risk_score: 95 })
  await api.call(`POST /actions/${id}/approve`, { decision: 'allow' })
  return id
}

describe('signals in the console', () => {
  test('it is calm while there are none', async () => {
    const screen = await opened()
    await screen.press('I').expect('✓ No signals')
    expect(screen.lines()[0]).not.toContain('red')
    await screen.press('esc').expect('Welcome to clawdeck')
  })

  test('a red one is counted in the header within seconds, and gone when it is settled', async () => {
    const screen = await opened()
    const id = await unwatched()
    clock.advance(5 * SECOND)
    await screen.expect('✕ 1 red  I')
    await screen.press('I').expectRow('✕ red', 'scout@default', 'Irreversible action at risk 95')
    await screen.expect('drop the old tables')
    await screen.expect('→ Ask who authorized it')
    await api.call(`PATCH /actions/${id}`, { status: 'completed' })
    await screen.expect('✓ No signals')
    await screen.expectGone('1 red')
  })

  test('its row leads to the action, and Esc back to it', async () => {
    await unwatched()
    const screen = await opened(120, 36)
    await screen.press('I').expect(`⏎ opens: ${titleOf('ledger.show').toLowerCase()}`)
    await screen.press('enter').expect(`┏ ${titleOf('ledger.show')}`)
    await screen.expect('drop the old tables')
    await screen.press('esc').expect('→ Ask who authorized it')
  })

  test('one about an approval leads there, where it is decided', async () => {
    await act({ action_type: 'deploy', declared_goal: 'ship 1.2' })
    clock.advance(4 * HOUR)
    const screen = await opened()
    await screen.press('I').expectRow('✕ red', 'scout@default', 'scout waits for approval')
    await screen.expect('⏎ opens: the approval')
    await screen.press('enter').expect('ship 1.2')
    await screen.press('n').expect('Denied')
    await screen.press('esc').expect('✓ No signals')
  })

  test('one about an agent alone leads to what that agent works on', async () => {
    for (let i = 0; i < 11; i++) await act({ status: 'completed' })
    const screen = await opened()
    await screen.press('I').expectRow('! amber', 'scout@default', 'scout acts unusually often')
    // An amber one is not worth a look at once.
    expect(screen.lines()[0]).not.toContain('red')
    await screen.expect(`⏎ opens: ${titleOf('ledger.work').toLowerCase()}`)
    await screen.press('enter').expect(`┏ ${titleOf('ledger.work')}`)
    await screen.expect('scout@default')
  })

  test('signals are read again when the supervisor is there again', async () => {
    await unwatched()
    const screen = await opened()
    await screen.press('I').expect('● live · 1')
    await api.deck.stop()
    await screen.expect('not live')
    await screen.expectRow('✕ red', 'scout@default')
    await api.deck.start()
    await api.open()
    await screen.expect('● live · 1')
  })

  test('without the API nothing is counted, for nobody looks', async () => {
    await unwatched()
    const screen = await opened()
    clock.advance(5 * SECOND)
    await screen.expect('✕ 1 red  I')
    await api.deck.deck.doors.close('api', 'operator:maya/cli')
    await screen.expectGone('1 red')
  })
})
