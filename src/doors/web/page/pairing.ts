import { plain } from '../../../base/text.ts'
import { ask, linesOf, post, wordsFor } from './calls.ts'
import { codeOf } from './digest.ts'
import { announce, el, show } from './dom.ts'
import { makeKey, saveKey, type PhoneKey } from './keys.ts'

/** What the link says: the token, and how the certificate begins. */
export interface PairingLink {
  token: string
  fingerprint: string
}

/** What stands after the # of a link, or nothing. It is sent to nobody but in a pairing. */
export function linkIn(hash: string): PairingLink | undefined {
  const [, token, fingerprint] = /^#([\w-]{20,64})\.([0-9a-f]{8,64})$/.exec(hash) ?? []
  return token === undefined || fingerprint === undefined ? undefined : { token, fingerprint }
}

/** Asks who this is. Resolves with a key that the deck knows, and waits for confirmation. */
export function offerKey({ token, fingerprint }: PairingLink): Promise<PhoneKey> {
  const person = field('Your name', 'name', '')
  const device = field('This phone', 'off', deviceName())
  const problem = el('p', { className: 'problem', role: 'alert' })
  const go = el('button', { type: 'submit', className: 'primary' }, 'Ask to be paired')
  const form = el(
    'form',
    { className: 'sheet' },
    el('h1', {}, 'Pair this phone'),
    el('p', {}, 'The deck is told these names. Somebody there has to confirm.'),
    person.label,
    device.label,
    go,
    problem,
    el('p', { className: 'small' }, 'The certificate of this page has to begin with'),
    el('p', { className: 'small code' }, (fingerprint.toUpperCase().match(/../g) ?? []).join(':')),
  )
  show(form)
  person.input.focus()
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault()
      go.disabled = true
      problem.textContent = ''
      const names = { person: person.input.value.trim(), device: device.input.value.trim() }
      present(token, names).then(resolve, (thrown: unknown) => {
        go.disabled = false
        problem.textContent = wordsFor(thrown)
      })
    }
  })
}

async function present(
  token: string,
  { person, device }: { person: string; device: string },
): Promise<PhoneKey> {
  const key = await makeKey()
  const body = { token, person, device, key: { type: 'p256', spki: key.spki } }
  const { id, expiresAt } = await ask<{ id: string; expiresAt: number }>('/v1/pair/present', body)
  // It is computed here: a code that was sent would prove nothing.
  const pending = { id, token, code: await codeOf(token, key.spki), expiresAt }
  const waiting = { ...key, pending }
  await saveKey(waiting)
  return waiting
}

interface PairingNews {
  state: 'open' | 'presented' | 'confirmed' | 'refused' | 'expired' | 'locked'
  device: string | null
}

/** Shows the code until somebody confirms it. Rejects with why it came to nothing. */
export async function untilConfirmed(key: PhoneKey): Promise<PhoneKey> {
  const { id, token, code } = key.pending ?? { id: '', token: '', code: '' }
  const digits = `${code.slice(0, 3)} ${code.slice(3)}`
  show(
    el(
      'section',
      { className: 'sheet' },
      el('h1', {}, 'Compare this code'),
      el('p', { className: 'pairing-code', 'aria-label': code.split('').join(' ') }, digits),
      el('p', {}, 'The deck has to show the same one. Then confirm it there.'),
      el('p', { className: 'small', role: 'status' }, 'Waiting for the deck…'),
    ),
  )
  announce(`The code is ${code.split('').join(' ')}`)
  for await (const line of linesOf(await post('/v1/pair/follow', { id, token }))) {
    const { item, fault } = line as { item?: PairingNews; fault?: { message: string } }
    if (fault !== undefined) throw new Error(fault.message)
    if (item?.state === 'confirmed' && item.device !== null) {
      const { pending: _over, ...rest } = key
      const trusted = { ...rest, device: item.device }
      await saveKey(trusted)
      return trusted
    }
    const why = item === undefined ? undefined : ENDINGS[item.state]
    if (why !== undefined) throw new Error(why)
  }
  throw new TypeError('the connection was lost')
}

const ENDINGS: Partial<Record<PairingNews['state'], string>> = {
  refused: 'The deck refused this phone.',
  expired: 'The time for confirming is over.',
  locked: 'Too many wrong links were tried, so that all were ended.',
}

function field(title: string, autocomplete: string, value: string) {
  const input = el('input', { type: 'text', required: true, maxLength: 60, value })
  input.setAttribute('autocomplete', autocomplete)
  return { input, label: el('label', {}, title, input) }
}

/** What this phone is likely called. */
function deviceName(): string {
  const agent = navigator.userAgent
  const system = /iPhone|iPad|Android|Macintosh|Windows|Linux/.exec(agent)?.[0] ?? 'browser'
  return plain(system === 'Macintosh' ? 'Mac' : system)
}
