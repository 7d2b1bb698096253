import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PairingRow } from '../../../src/domain/operators/pairing/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { PageDeck } from '../../support/page-deck.ts'
import { Phone } from '../../support/phone.ts'
import { DARK, LIGHT, scanned, type TerminalColours } from '../../support/pixels.ts'
import { Screen } from '../../support/screen.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
let page: PageDeck
beforeEach(async () => {
  page = await PageDeck.open((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const TERMINALS: Record<string, { env: NodeJS.ProcessEnv; colours: TerminalColours }> = {
  dark: { env: { TERM: 'xterm-256color', COLORTERM: 'truecolor' }, colours: DARK },
  light: { env: { TERM: 'xterm-256color', CLAWDECK_THEME: 'light' }, colours: LIGHT },
  'of 16 colours': { env: { TERM: 'linux' }, colours: DARK },
  'without colours': { env: { TERM: 'xterm', NO_COLOR: '1' }, colours: LIGHT },
}

async function opened(env: NodeJS.ProcessEnv = {}, columns = 80, rows = 24): Promise<Screen> {
  const link = openLink(page.deck.home.socket, 'console')
  const screen = new Screen(columns, rows).open(link, { env })
  cleanups.push(async () => {
    await screen.close()
    link.close()
  })
  await screen.expect('clawdeck')
  return screen
}

/** Starts a pairing at the keyboard, and answers the link that its code shows. */
async function started(screen: Screen, colours: TerminalColours): Promise<string> {
  await screen.press('d').expect('Pair a device')
  await screen.press('enter').expect('Scan this with the camera')
  return until('the code is drawn', () => scanned(screen.terminal, colours))
}

/** The link that stands beside a code, whatever lines it takes. */
function linkBeside(screen: Screen): string {
  return screen
    .lines()
    .map((line) => /(\S+)\s*┃?$/.exec(line)?.[1] ?? '')
    .join('')
}

test.each(Object.entries(TERMINALS))(
  'a code on a terminal that is %s, of 80×24, is read as exactly the link',
  async (_name, { env, colours }) => {
    const screen = await opened(env)
    const link = await started(screen, colours)
    expect(link).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/#[\w-]{24}\.[0-9a-f]{20}$/)
    // The same link stands beside it, for whoever cannot scan.
    expect(linkBeside(screen)).toContain(link)
    await expect((await Phone.at(page.door)).present(link)).resolves.toBeDefined()
  },
)

test.each(Object.entries(TERMINALS))(
  'an agent’s code, which is larger, is read on a terminal that is %s, of 80×24',
  async (_name, { env, colours }) => {
    const agent = { template: 'coder', agent: 'release-runner', backend: 'outside' }
    await page.owner.do('agent.create', agent)
    const screen = await opened(env)
    await screen.press('d').expect('Pair a device')
    await screen.press('a').expect('an agent that runs elsewhere')
    await screen.press('tab', 'r').expect(/for\s+.*release-runner/)
    await screen.press('enter').expect('Let the agent scan this')
    const link = await until('the code is drawn', () => scanned(screen.terminal, colours))
    expect(link).toMatch(
      /^https:\/\/127\.0\.0\.1:\d+\/v1\/agents\/release-runner#[\w-]{24}\.[0-9a-f]{20}$/,
    )
    expect(linkBeside(screen)).toContain(link)
    await screen.expect(/Pair an agent .* left/)
  },
)

test('whoever took the offer is shown with their code, and confirmed by one key', async () => {
  const screen = await opened()
  const phone = await Phone.at(page.door)
  const { id, code } = await phone.present(await started(screen, DARK), 'Ada’s ph\u202eone')
  await screen.expect(`${code.slice(0, 3)} ${code.slice(3)}`)
  await screen.expect('Ada’s ph�one')
  await screen.expect('a new operator of the deck')
  await screen.press('y').expect('new name')
  await screen.press('enter').expect('is trusted as dev_')
  const { device } = (await page.deck.deck.access.get(id)) as PairingRow
  await phone.open(device ?? '')
  expect(await phone.waiting()).toEqual([])
  expect(page.deck.events().find(({ type }) => type === 'device.trusted')?.actor).toBe(
    'operator:maya/console',
  )
})

test('a device more of somebody who is known takes no name', async () => {
  const screen = await opened()
  const { link, pairing } = await page.offered({ operator: 'maya' })
  const { code } = await (await Phone.at(page.door)).present(link)
  await screen.press(':').expect('Commands')
  await screen.type('list pairings').press('enter').expect(code)
  // The code is read before it is confirmed.
  await screen.press('y').expect(`${code.slice(0, 3)} ${code.slice(3)}`)
  await screen.press('y').expect('is trusted as dev_')
  expect(await page.deck.deck.access.get(pairing.id)).toMatchObject({ state: 'confirmed' })
})

test('a wrong code is refused by one key, and nothing is trusted', async () => {
  const screen = await opened()
  const phone = await Phone.at(page.door)
  const { id } = await phone.present(await started(screen, DARK))
  await screen.expect('it is another: refuse')
  await screen.press('n').expect('Refused: nothing is trusted')
  expect(await page.deck.deck.access.get(id)).toMatchObject({ state: 'refused', device: null })
})

test('a window without room shows the link, and the code as soon as it has room', async () => {
  const screen = await opened({}, 80, 20)
  await screen.press('d').expect('Pair a device')
  await screen.press('enter').expect('A larger window has room')
  expect(scanned(screen.terminal, DARK)).toBeUndefined()
  screen.resize(100, 30)
  await until('the code is drawn', () => scanned(screen.terminal, DARK))
})
