import { plain, span } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { precedentText } from '../../text/approvals.ts'
import { quorumText } from '../../text/quorum.ts'
import { el } from './dom.ts'
import { markedParts } from './marks.ts'

export type PageVerb = 'allow' | 'deny'

interface CardParts {
  highRisk: number
  /** Whether this person may decide. */
  mayDecide: boolean
  device: string
  now: () => number
  decide: (card: QuestionCard, verb: PageVerb) => void
  dismiss: (card: QuestionCard) => void
}

/** Below this, the time that is left is shown as short. */
const SHORT_MS = 30_000

/** One question: all that is needed to decide, and what came of it. */
export class QuestionCard {
  readonly element: HTMLLIElement
  readonly #parts: CardParts
  readonly #countdown = el('time', { className: 'left' })
  readonly #note = el('input', { type: 'text', maxLength: 2000, autocomplete: 'off' })
  readonly #said = el('p', { className: 'problem', role: 'alert' })
  readonly #facts = el('dl')
  readonly #allow: HTMLButtonElement
  readonly #deny: HTMLButtonElement
  readonly #end = el('span', { className: 'end', 'aria-hidden': 'true' })
  #approval: Approval
  #wholeSeen = false
  #busy = false

  constructor(approval: Approval, parts: CardParts) {
    this.#approval = approval
    this.#parts = parts
    this.#allow = this.#button('allow', this.isRisky ? 'Allow…' : 'Allow once')
    this.#deny = this.#button('deny', 'Deny')
    this.element = el('li', { className: 'card', id: approval.id })
    this.#draw()
  }

  get approval(): Approval {
    return this.#approval
  }

  get note(): string {
    return this.#note.value.trim()
  }

  get isRisky(): boolean {
    return this.#approval.risk.score >= this.#parts.highRisk
  }

  /** Its question as it is now: waiting, or decided. */
  update(approval: Approval): void {
    this.#approval = approval
    if (approval.state !== 'pending') this.#drawOutcome()
    else this.#facts.replaceChildren(...facts(approval, this.#parts.now()))
  }

  /** Shows the time that is left. What is over cannot be decided. */
  tick(now: number): void {
    const { heldSince, expiresAt, agent } = this.#approval
    const left = expiresAt - (heldSince ?? now)
    const isHeld = heldSince !== undefined
    const held = isHeld ? `held, ${agent} is frozen: ` : ''
    this.#countdown.textContent = left <= 0 ? 'expired' : `${held}${span(left)} left`
    this.#countdown.classList.toggle('short', !isHeld && left < SHORT_MS)
    const over = left <= 0 || this.#busy || isHeld
    this.#deny.disabled = over
    this.#allow.disabled = over || !this.#wholeSeen
    this.#allow.title = this.#wholeSeen ? '' : 'Scroll to the end of what would run first'
  }

  /** Between a tap and the answer; then what the deck said, if the question still waits. */
  setBusy(busy: boolean, said = '', tone: 'problem' | 'notice' = 'problem'): void {
    this.#busy = busy
    this.element.classList.toggle('busy', busy)
    this.#said.textContent = said
    this.#said.className = tone
    this.tick(this.#parts.now())
  }

  #button(verb: PageVerb, text: string): HTMLButtonElement {
    const onclick = () => this.#parts.decide(this, verb)
    return el('button', { type: 'button', className: verb, onclick }, text)
  }

  #draw(): void {
    const a = this.#approval
    const title = `${a.id}-title`
    this.element.replaceChildren(
      el(
        'article',
        { 'aria-labelledby': title },
        el('header', {}, riskBadge(a, this.#parts.highRisk), this.#countdown),
        el(
          'h2',
          { id: title },
          el('strong', {}, plain(a.agent)),
          ' asks: ',
          el('span', { className: 'type' }, plain(a.action.type)),
        ),
        runView(a, this.#end),
        this.#facts,
        ...(this.#parts.mayDecide ? this.#controls() : []),
        this.#said,
      ),
    )
    this.#facts.replaceChildren(...facts(a, this.#parts.now()))
    this.#watchEnd()
    this.tick(this.#parts.now())
  }

  #controls(): HTMLElement[] {
    return [
      el('label', { className: 'note' }, 'Note to the agent (optional)', this.#note),
      el('div', { className: 'buttons' }, this.#deny, this.#allow),
    ]
  }

  /** What was not on the screen to its end is not allowed. */
  #watchEnd(): void {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      seen.disconnect()
      this.#wholeSeen = true
      this.tick(this.#parts.now())
    })
    seen.observe(this.#end)
  }

  #drawOutcome(): void {
    const { agent, action, state, by, note } = this.#approval
    const hadFocus = this.element.contains(document.activeElement)
    const close = el(
      'button',
      { type: 'button', className: 'dismiss', onclick: () => this.#parts.dismiss(this) },
      'Dismiss',
    )
    const who = by.endsWith(`/web/${this.#parts.device}`) ? 'this phone' : plain(by)
    const outcome = state === 'expired' ? 'Expired: denied' : `${OUTCOMES[state]} by ${who}`
    this.element.className = `card over ${state}`
    this.element.replaceChildren(
      el('p', { className: 'outcome' }, el('strong', {}, outcome)),
      el('p', { className: 'was' }, plain(`${agent}: ${action.type} ${action.target}`, 300)),
      note === '' ? '' : el('p', { className: 'was' }, `“${plain(note, 300)}”`),
      close,
    )
    if (hadFocus) close.focus()
  }
}

const OUTCOMES: Record<string, string> = { allowed: '✓ Allowed', denied: '✕ Denied' }

function riskBadge({ risk }: Approval, highRisk: number): HTMLElement {
  const level = riskLevel(risk.score, highRisk)
  const scale = { min: 0, max: 100, low: MEDIUM_RISK, high: highRisk - 1, optimum: 0 }
  return el(
    'p',
    { className: `risk ${level}` },
    el('span', { className: 'score' }, `Risk ${risk.score}`),
    el('span', {}, ` ${level}`),
    el('meter', { ...scale, value: risk.score, 'aria-hidden': 'true' }),
  )
}

/** From this risk on, it is shown as medium. */
const MEDIUM_RISK = 40

function riskLevel(score: number, highRisk: number): 'high' | 'medium' | 'low' {
  if (score >= highRisk) return 'high'
  return score >= MEDIUM_RISK ? 'medium' : 'low'
}

/** All of what would run and where, with marks for what cannot be seen. */
export function runView({ action }: Approval, end?: HTMLElement): HTMLElement {
  const marked = markedParts(action.target)
  const hidden = marked.filter((part) => part.hidden !== '')
  return el(
    'div',
    { className: 'run' },
    el('pre', { tabIndex: 0 }, ...marked.map(markedNode), end),
    action.cwd === ''
      ? undefined
      : el('p', { className: 'where' }, 'in ', ...markedParts(action.cwd).map(markedNode)),
    hidden.length === 0
      ? undefined
      : el(
          'p',
          { className: 'hidden' },
          `Marked: characters that cannot be seen (${[...new Set(hidden.map((part) => part.hidden))].slice(0, 8).join(', ')})`,
        ),
  )
}

function markedNode({ text, hidden }: { text: string; hidden: string }): Node {
  if (hidden === '') return document.createTextNode(text)
  // A mark that stands for many different characters says which one it is.
  const mark = el('mark', { title: hidden }, text === '�' ? hidden : text)
  return hidden === 'U+000A' ? el('span', {}, mark, '\n') : mark
}

/** Why it waits, what makes its risk, and what was decided before. */
function facts(a: Approval, now: number): HTMLElement[] {
  const reasons = a.reasons.filter(({ layer }) => layer !== 'risk').map(({ text }) => plain(text))
  const factors = factorLines(a).map((text) => el('span', {}, text))
  return [
    ...(factors.length === 0
      ? []
      : [el('dt', {}, 'Risk'), el('dd', { className: 'factors' }, ...factors)]),
    ...fact('Asked because', reasons.length === 0 ? ['no rule matches'] : reasons),
    ...fact('Agreement', a.quorum === undefined ? [] : [quorumText(a)]),
    ...fact('Like this', [precedentText(a, now)]),
    ...fact('Goal', a.action.goal === '' ? [] : [`“${plain(a.action.goal)}”`]),
  ]
}

function fact(name: string, texts: readonly string[]): HTMLElement[] {
  return texts.length === 0 ? [] : [el('dt', {}, name), ...texts.map((text) => el('dd', {}, text))]
}

export function factorLines({ risk }: Approval): string[] {
  return risk.factors
    .toSorted((x, y) => y.points - x.points)
    .map(({ label, points }) => `${plain(label)} ${points >= 0 ? '+' : '−'}${Math.abs(points)}`)
}
