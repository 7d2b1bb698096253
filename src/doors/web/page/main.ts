import { isPassing, Refusal, wordsFor } from './calls.ts'
import { DeckScreen } from './deck.ts'
import { announce, byId, el, show } from './dom.ts'
import { forgetKey, loadKey, type PhoneKey } from './keys.ts'
import { linkIn, offerKey, untilConfirmed } from './pairing.ts'
import { Session } from './session.ts'

const FIRST_RETRY_MS = 300
const LAST_RETRY_MS = 4000

async function main(): Promise<void> {
  const link = linkIn(location.hash)
  // The token is good once, and stays in no history.
  if (location.hash !== '') history.replaceState(null, '', location.pathname)
  if (!('subtle' in crypto))
    message('This browser cannot keep a key here', 'Open the page over HTTPS.')
  else if (link === undefined) await goOn(await loadKey())
  else await pair(() => offerKey(link))
}

async function goOn(key: PhoneKey | undefined): Promise<void> {
  if (key?.device !== undefined) await follow(key, key.device)
  else if (key?.pending !== undefined) await pair(async () => key)
  else
    message(
      'This phone is not paired',
      'On the deck, run: clawdeck access pair device deck. Then scan the code that it shows.',
    )
}

/** Pairs this phone, and goes on with what the deck tells. */
async function pair(offered: () => Promise<PhoneKey>): Promise<void> {
  const key = await offered()
  for (let retry = FIRST_RETRY_MS; ; retry = Math.min(2 * retry, LAST_RETRY_MS))
    try {
      await goOn(await untilConfirmed(key))
      return
    } catch (thrown) {
      if (!isPassing(thrown)) {
        await forgetKey()
        message('This phone was not paired', `${wordsFor(thrown)} Ask for a new link.`)
        return
      }
      await pause(retry)
    }
}

/** Follows the deck, and connects again whenever that ends. */
async function follow(key: PhoneKey, device: string): Promise<void> {
  const session = new Session(key, device)
  const screen = new DeckScreen(session)
  message('Connecting…', '')
  for (let retry = FIRST_RETRY_MS; ; retry = Math.min(2 * retry, LAST_RETRY_MS)) {
    try {
      await session.open(AbortSignal.timeout(10_000))
      for await (const frame of session.frames(new AbortController().signal)) {
        if (frame.kind === 'end') screen.lost(`Cut off: ${frame.why}`)
        else {
          screen.take(frame)
          retry = FIRST_RETRY_MS
        }
      }
      if (!document.body.classList.contains('lost')) screen.lost('Not connected')
    } catch (thrown) {
      if (thrown instanceof Refusal && thrown.code === 'refused') {
        await putOut(thrown)
        return
      }
      screen.lost('Not connected')
    }
    await pause(retry)
  }
}

/** The deck does not trust this phone any more. */
async function putOut(why: Refusal): Promise<void> {
  const said = byId('lost').textContent
  document.body.classList.remove('lost')
  byId('lost').textContent = ''
  document.title = 'clawdeck'
  await forgetKey()
  message(
    'This phone is not trusted any more',
    `${said === '' ? `${why.message}. ` : ''}Somebody at the deck revoked it: nothing can be seen or decided here.`,
  )
}

function message(title: string, text: string): void {
  byId('who').textContent = ''
  byId('count').textContent = ''
  byId('fingerprint').textContent = ''
  show(
    el(
      'section',
      { className: 'sheet' },
      el('h1', { tabIndex: -1 }, title),
      text === '' ? undefined : el('p', {}, text),
    ),
  )
  announce(`${title}. ${text}`)
}

/** Waits, or goes on as soon as the phone is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      removeEventListener('online', done)
      document.removeEventListener('visibilitychange', done)
      resolve()
    }
    addEventListener('online', done)
    document.addEventListener('visibilitychange', done)
  })
}

await main()
