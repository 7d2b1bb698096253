import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLink } from '../../../src/doors/operator/client.ts'
import { openChromium, withoutChromium } from '../../support/chromium.ts'
import { PageDeck } from '../../support/page-deck.ts'
import { DARK, scanned } from '../../support/pixels.ts'
import { Screen } from '../../support/screen.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => cleanups.push(act)
let deck: PageDeck
let screen: Screen
beforeEach(async () => {
  deck = await PageDeck.open(onEnd)
  const link = openLink(deck.deck.home.socket, 'console')
  screen = new Screen(80, 24).open(link)
  onEnd(async () => {
    await screen.close()
    link.close()
  })
  await screen.expect('clawdeck')
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** Scans the code on the console with a phone, compares the codes, and confirms at the keyboard. */
async function paired(size = {}): Promise<Page> {
  await screen.press('d').expect('Pair a device')
  await screen.press('enter').expect('Scan this with the camera')
  const link = await until('the code is drawn', () => scanned(screen.terminal, DARK))
  const browser = await openChromium(deck.deck.home, onEnd, size)
  const page = await browser.newPage()
  await page.goto(link)
  expect(page.url()).not.toContain('#')
  await page.getByLabel('Your name').fill('Ada')
  await page.getByRole('button', { name: 'Ask to be paired' }).click()
  const code = (await page.locator('.pairing-code').textContent()) ?? ''
  expect(code).toMatch(/^\d{3} \d{3}$/)
  await screen.expect(code)
  await screen.press('y').expect('new name')
  await screen.press('enter').expect('is trusted as dev_')
  await page.getByText('Nothing waits for a decision').waitFor()
  return page
}

/** Tries to read the key of the phone, as a script that was smuggled in would. */
const KEPT = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('clawdeck', 1)
  opening.onerror = reject
  opening.onsuccess = () => {
    const reading = opening.result.transaction('keys').objectStore('keys').get('phone')
    reading.onsuccess = async () => {
      const { privateKey } = reading.result.keys
      const exported = await crypto.subtle.exportKey('pkcs8', privateKey).then(() => 'yes', () => 'no')
      const stored = localStorage.length + sessionStorage.length
      resolve({ extractable: privateKey.extractable, exported, cookies: document.cookie, stored })
    }
  }
})`

const card = (page: Page, text: string) => page.locator('.card', { hasText: text })
const events = (type: string) => deck.deck.events().filter((event) => event.type === type)

describe.skipIf(withoutChromium !== undefined)(
  `a phone with a real browser${withoutChromium === undefined ? '' : ` (${withoutChromium})`}`,
  () => {
    test('scans, is confirmed, sees a question, allows it by its key, and is put out', async () => {
      const page = await paired()
      const agent = await deck.deck.agent('a1')
      const heard = agent.exec('git push origin main', 60)
      const question = card(page, 'git push origin main')
      await question.getByLabel('Note to the agent').fill('go ahead')
      await question.getByRole('button', { name: 'Allow once' }).click()
      expect((await heard).decision).toBe('allow')
      await question.getByText('Allowed by this phone').waitFor()
      const [device] = await deck.deck.deck.access.list().then(({ devices }) => devices)
      expect(events('approval.decided')).toMatchObject([
        { actor: `operator:ada/web/${device?.id}`, body: { note: 'go ahead' } },
      ])
      const open = agent.exec('npm publish')
      await card(page, 'npm publish').waitFor()
      await deck.owner.do('access.revoke', { id: device?.id })
      await page.getByRole('heading', { name: 'This phone is not trusted any more' }).waitFor()
      expect(await page.locator('.card').count()).toBe(0)
      expect(await deck.deck.deck.approvals.get((await open).id)).toMatchObject({
        state: 'pending',
      })
      // It is forgotten there too.
      await page.reload()
      await page.getByRole('heading', { name: 'This phone is not paired' }).waitFor()
    })

    test('allows high risk by a second step that names it, by keyboard too', async () => {
      const page = await paired()
      const agent = await deck.deck.agent('a1')
      const heard = agent.ask(
        {
          type: 'exec',
          target: 'git push\u202e origin main',
          reversible: false,
          systems: ['production'],
        },
        60,
      )
      const question = card(page, 'origin main')
      await question.getByText('Marked: characters that cannot be seen (U+202E)').waitFor()
      await question.getByRole('button', { name: 'Allow…' }).focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: /High risk: \d+ of 100/ })
      await dialog.waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(events('approval.decided')).toEqual([])
      await question.getByRole('button', { name: 'Allow…' }).click()
      await dialog.getByRole('button', { name: /Allow at risk \d+/ }).click()
      expect((await heard).decision).toBe('allow')
    })

    test('is not enough for high risk where a second person has to agree', async () => {
      await deck.owner.do('policy.add', {
        effect: 'ask',
        type: 'exec',
        target: 'terraform destroy*',
        people: 2,
      })
      const page = await paired()
      const agent = await deck.deck.agent('a1')
      const heard = agent.ask(
        { type: 'exec', target: 'terraform destroy', reversible: false, systems: ['production'] },
        60,
      )
      const question = card(page, 'terraform destroy')
      await question.getByText('waits for 2 people').waitFor()
      await question.getByRole('button', { name: 'Allow…' }).click()
      await page.getByRole('button', { name: /Allow at risk \d+/ }).click()
      await question.getByText('ada agreed').waitFor()
      expect(events('approval.decided')).toEqual([])
      await screen.press('esc').expect('1/2')
      await screen.press('2', 'y').expect('Allow at risk')
      screen.press('a')
      expect((await heard).decision).toBe('allow')
      expect(events('approval.decided')).toMatchObject([
        {
          body: {
            by: [/^operator:ada\/web/, /^operator:maya\/console/].map(
              (who) => expect.stringMatching(who) as string,
            ),
          },
        },
      ])
    })

    test('is told loudly when it is cut off, decides nothing then, and comes back', async () => {
      const page = await paired()
      const agent = await deck.deck.agent('a1')
      await agent.exec('make release')
      const question = card(page, 'make release')
      await question.waitFor()
      await deck.deck.stop()
      await page.getByRole('alert').filter({ hasText: 'Nothing can be decided' }).waitFor()
      expect(await question.getByRole('button', { name: 'Deny' }).isDisabled()).toBe(true)
      await deck.deck.start()
      await page.getByRole('alert').filter({ hasText: 'Nothing can be decided' }).waitFor({
        state: 'hidden',
      })
      await question.getByRole('button', { name: 'Deny' }).click()
      await page.getByText('Denied by this phone').waitFor()
    })

    test('follows a role that is changed while it looks', async () => {
      const page = await paired()
      const agent = await deck.deck.agent('a1')
      const heard = agent.exec('make release', 60)
      const question = card(page, 'make release')
      await question.getByRole('button', { name: 'Deny' }).waitFor()
      await deck.owner.do('operator.role', { id: 'ada', role: 'viewer' })
      await page.getByText('Your role is viewer').waitFor()
      expect(await question.getByRole('button').count()).toBe(0)
      await deck.owner.do('operator.role', { id: 'ada', role: 'operator' })
      await question.getByRole('button', { name: 'Deny' }).click()
      expect((await heard).decision).toBe('block')
    })

    test('keeps a key that nobody can read, and stays within its own site', async () => {
      const page = await paired()
      const kept = await page.evaluate(KEPT)
      expect(kept).toEqual({ extractable: false, exported: 'no', cookies: '', stored: 0 })
      const problems: string[] = []
      page.on('console', (said) => {
        if (said.type() === 'error') problems.push(said.text())
      })
      await page.reload()
      await page.getByText('Nothing waits for a decision').waitFor()
      expect(problems).toEqual([])
      // A frame of another page shows nothing of it.
      const other = await page.context().newPage()
      await other.setContent(`<iframe src="${deck.door.address?.url}"></iframe>`)
      const frame = await other.locator('iframe').contentFrame().locator('body').innerText()
      expect(frame).not.toContain('clawdeck')
    })
  },
)
