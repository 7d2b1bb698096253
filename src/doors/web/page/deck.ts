import { plain } from '../../../base/text.ts'
import type { Approval, DecidedApprovals } from '../../../domain/approvals/types.ts'
import type { PageFrame, PageReader } from '../page-wire.ts'
import { Refusal, wordsFor } from './calls.ts'
import { QuestionCard, type PageVerb } from './card.ts'
import { seenDigestOf } from './digest.ts'
import { announce, byId, el, show } from './dom.ts'
import { confirmRisk } from './second-step.ts'
import type { Session } from './session.ts'

/** After cards moved, a tap was meant for what stood there before. */
const HOLD_TAPS_MS = 400
const TICK_MS = 250

/** The list of what waits, live. */
export class DeckScreen {
  readonly #session: Session
  readonly #cards = new Map<string, QuestionCard>()
  readonly #list = el('ul', { className: 'cards' })
  readonly #empty = el('p', { className: 'empty' }, 'Nothing waits for a decision.')
  readonly #field = el('fieldset', { disabled: true }, this.#empty, this.#list)
  #reader: PageReader | undefined
  /** The time of the deck, less that of this page's own clock. */
  #offset = 0
  #movedAt = 0
  #connected = new AbortController()

  constructor(session: Session) {
    this.#session = session
    setInterval(() => this.#tick(), TICK_MS)
  }

  /** The time of the deck: the phone's clock may be wrong. */
  readonly now = (): number => performance.now() + this.#offset

  /** Takes what the deck told. */
  take(frame: Exclude<PageFrame, { kind: 'end' }>): void {
    this.#offset = frame.now - performance.now()
    if (frame.kind === 'all') this.#takeAll(frame.reader, frame.waiting)
    if (frame.kind === 'some') for (const approval of frame.approvals) this.#takeOne(approval, true)
    this.#drawHead()
  }

  /** Nothing can be decided until it is connected again. */
  lost(why: string): void {
    this.#connected.abort()
    this.#field.disabled = true
    document.body.classList.add('lost')
    byId('lost').textContent = `${why}. Nothing can be decided until this page is connected again.`
  }

  #takeAll(reader: PageReader, waiting: readonly Approval[]): void {
    const changed = this.#reader?.role !== reader.role
    this.#reader = reader
    this.#connected = new AbortController()
    document.body.classList.remove('lost')
    byId('lost').textContent = ''
    this.#field.disabled = false
    if (changed) {
      this.#cards.clear()
      this.#list.replaceChildren()
      show(
        el('h1', { className: 'heard-only' }, 'Approvals'),
        reader.role === 'viewer'
          ? el(
              'p',
              { className: 'note' },
              'Your role is viewer: you see what waits, and decide nothing.',
            )
          : undefined,
        this.#field,
      )
    }
    const here = new Set(waiting.map(({ id }) => id))
    // Decided while the page did not hear of it.
    for (const card of this.#cards.values())
      if (!here.has(card.approval.id) && card.approval.state === 'pending') this.#remove(card)
    for (const approval of waiting) this.#takeOne(approval, !changed)
  }

  #takeOne(approval: Approval, isNews: boolean): void {
    const card = this.#cards.get(approval.id)
    if (card !== undefined) {
      const was = card.approval.state
      card.update(approval)
      if (was !== approval.state) announce(`${plain(approval.agent)}: ${approval.state}`)
      return
    }
    if (approval.state !== 'pending' || this.#reader === undefined) return
    const made = new QuestionCard(approval, {
      highRisk: this.#reader.highRisk,
      mayDecide: this.#reader.role !== 'viewer',
      device: this.#reader.device,
      now: this.now,
      decide: (one, verb) => void this.#decide(one, verb),
      dismiss: (one) => this.#remove(one),
    })
    this.#cards.set(approval.id, made)
    this.#list.append(made.element)
    const { agent, action, risk } = approval
    if (isNews)
      announce(
        `${plain(agent)} asks: ${plain(`${action.type} ${action.target}`, 200)}. Risk ${risk.score}.`,
      )
  }

  #remove(card: QuestionCard): void {
    const next = card.element.nextElementSibling ?? card.element.previousElementSibling
    const hadFocus = card.element.contains(document.activeElement)
    this.#cards.delete(card.approval.id)
    card.element.remove()
    this.#movedAt = performance.now()
    if (hadFocus) next?.querySelector<HTMLElement>('button, pre')?.focus()
    this.#drawHead()
  }

  async #decide(card: QuestionCard, verb: PageVerb): Promise<void> {
    const reader = this.#reader
    if (reader === undefined || performance.now() - this.#movedAt < HOLD_TAPS_MS) return
    const { approval, note } = card
    const { score } = approval.risk
    const risky = verb === 'allow' && card.isRisky
    if (risky && !(await confirmRisk(approval, this.#connected.signal))) return
    card.setBusy(true)
    try {
      const confirm = {
        seen: await seenDigestOf(approval),
        ...(risky ? { risk: String(score) } : {}),
      }
      const input = { ids: [approval.id], ...(note === '' ? {} : { note }), confirm }
      const answer = await this.#session.act(reader, `approval.${verb}`, input)
      const [decided] = (answer as DecidedApprovals).decided
      card.setBusy(false, decided?.state === 'pending' ? AGREED : '', 'notice')
    } catch (thrown) {
      card.setBusy(false, problemText(thrown))
    }
  }

  #tick(): void {
    const now = this.now()
    for (const card of this.#cards.values()) if (card.approval.state === 'pending') card.tick(now)
  }

  #drawHead(): void {
    const waiting = [...this.#cards.values()].filter((card) => card.approval.state === 'pending')
    this.#empty.hidden = this.#cards.size > 0
    document.title = waiting.length === 0 ? 'clawdeck' : `(${waiting.length}) clawdeck`
    const { operator = '', role = '', deviceName = '', agents = null } = this.#reader ?? {}
    const scope = agents === null ? '' : ` for ${agents.join(', ')}`
    byId('count').textContent = waiting.length === 0 ? 'nothing waits' : `${waiting.length} waiting`
    byId('who').textContent = `${operator} · ${role}${scope} · ${plain(deviceName, 40)}`
    byId('fingerprint').textContent =
      `Certificate (SHA-256) ${fingerprintOf(this.#reader?.fingerprint ?? '')}`
  }
}

const AGREED = 'You agreed. It still waits for the agreement of somebody else.'

function fingerprintOf(hex: string): string {
  return (hex.toUpperCase().match(/../g) ?? []).join(':')
}

function problemText(thrown: unknown): string {
  const changed = thrown instanceof Refusal && thrown.code === 'confirmation.needed'
  return changed
    ? 'Nothing was decided: this is not what would run any more. Reload the page and read it again.'
    : `Nothing was decided: ${wordsFor(thrown)}`
}
