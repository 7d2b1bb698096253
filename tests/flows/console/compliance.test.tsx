import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFace } from '../../../src/commands/registry.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { OPERATOR } from '../../support/deck.ts'
import { Screen } from '../../support/screen.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
let link: Link
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function opened(columns = 80, rows = 24): Promise<Screen> {
  link = openLink(api.deck.home.socket, 'console')
  const screen = new Screen(columns, rows).open(link)
  cleanups.push(async () => {
    await screen.close()
    link.close()
  })
  await screen.expect('● live')
  return screen
}

async function policy(as = 'admin'): Promise<void> {
  const rules = JSON.stringify({ action_types: ['deploy'] })
  const asked = { name: 'Deploys are asked about', policy_type: 'require_approval', rules }
  await api.call('POST /policies', asked, { as })
}

async function deploy(): Promise<void> {
  const action = { agent_id: 'scout', action_type: 'deploy', declared_goal: 'ship 1.2' }
  await api.call('POST /actions', action)
}

describe('compliance in the console', () => {
  test('three levels deep by Enter, and back by Esc', async () => {
    await policy()
    await deploy()
    const screen = await opened(120, 36)
    await screen.press('C').expectRow('SOC 2', /░/, '%', 'of')
    await screen.expect(/In 30 days: 1 decisions?, of which 1 blocked, held or warned · 1 action/)
    await screen.press('/').type('soc2').press('enter').expectRow('▸ SOC 2')
    await screen.press('enter').expect('Compliance · soc2')
    // What is open comes first, with what would close it.
    await screen.expectRow('▸ ✗ open', 'critical')
    await screen.expect('→ ')
    await screen.press('G').expectRow(/▸ (✓ covered|◐ in part)/)
    await screen.press('enter').expectRow('policy', 'Deploys are asked about')
    await screen.expectRow('◐ held', 'scout@default', 'deploy: ship 1.2')
    await screen.press('G').expectRow('▸ ◐ held')
    await screen.press('enter').expect(`┏ ${findFace('ledger.show')?.title}`)
    await screen.press('esc').expect('Evidence · soc2')
    await screen.press('esc').expect('Compliance · soc2')
    await screen.press('esc').expectRow('SOC 2', /░/)
  })

  test('it follows policies as they change', async () => {
    const screen = await opened()
    await screen.press('C').expectRow('SOC 2', /░{12}/, '0 %')
    await policy()
    await screen.expectRow('SOC 2', /▒|█/)
  })

  test('a policy is shown with what it decided', async () => {
    await policy()
    await deploy()
    const screen = await opened(120, 36)
    await screen.press('C').expect('SOC 2')
    await screen.press('/').type('soc2').press('enter').expectRow('▸ SOC 2')
    await screen.press('enter').expectRow('▸ ✗ open')
    await screen.press('G').expectRow(/▸ (✓ covered|◐ in part)/)
    await screen.press('enter').expectRow('policy', 'Deploys are asked about')
    await screen
      .press('/')
      .type('are asked')
      .press('enter')
      .expectRow(/▸ [✓◐] policy/)
    await screen.press('enter').expect('Latest decisions')
    await screen.expect('require_approval')
    await screen.expectRow('◐ held', 'scout@default deploy: ship 1.2')
  })

  test('e exports a report, where the command line would write it', async () => {
    const screen = await opened(200, 50)
    await screen.press('C').expectRow('SOC 2', '0 %')
    await screen.press('e').expect('Export a compliance report')
    const path = join(api.deck.home.root, 'report.md')
    await screen.type(path).press('enter').expect('done')
    expect(readFileSync(path, 'utf8')).toMatch(/^# .* compliance report/)
    // Nothing is overwritten.
    await screen.press('e').expect('path')
    await screen.type(path).press('enter').expect('exists already')
  })
})

describe('compliance on the command line', () => {
  test('frameworks, evidence and another organisation', async () => {
    await policy()
    await opened()
    const frameworks = async () => {
      const lines = await link.do('compliance.frameworks')
      return (lines as { id: string }[]).map(({ id }) => id)
    }
    expect(await frameworks()).toHaveLength(5)
    const { id: acme } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    expect(await frameworks()).toHaveLength(5)
    await policy(await api.key(acme, 'admin'))
    // Their own come first.
    expect((await frameworks()).map((id) => id.endsWith('@acme'))).toEqual([
      ...Array.from({ length: 5 }, () => false),
      ...Array.from({ length: 5 }, () => true),
    ])
    await expect(
      link.do('compliance.evidence', { framework: 'soc2', control: 'X' }),
    ).rejects.toMatchObject({ code: 'not.found' })
    await expect(link.do('compliance.show', { framework: 'soc2@nobody' })).rejects.toMatchObject({
      code: 'not.found',
    })
    await expect(link.do('compliance.policy', { id: 'pol_x' })).rejects.toMatchObject({
      code: 'not.found',
    })
    expect(await link.do('compliance.show', { framework: 'gdpr@pods' })).toMatchObject({
      map: { summary: { covered: 0 } },
    })
  })
})
