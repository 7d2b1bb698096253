import { isHeldBack, quietHoursOf, URGENT_RISK, type QuietHours } from '../../base/quiet-hours.ts'
import { count } from '../../base/text.ts'
import type { WorldFrame } from '../../commands/wire.ts'
import { messageIn, summaryText, tells } from '../../domain/alerts/rules.ts'
import { NOBODY_DECIDED } from '../../domain/approvals/rules.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { notificationFor } from './notification.ts'
import type { ConsoleStore } from './store/state.ts'
import { tableOf } from './store/world.ts'

/** How the operator is alerted, and when not. */
interface Alerts {
  bell: boolean
  notify: boolean
  notification: (text: string) => string
  quiet: { hours: QuietHours; urgentRisk: number }
  now: () => number
  /** Which operator sits here. */
  who: () => Promise<string>
}

/** What an operator can choose of the console. */
export interface ConsoleChoice {
  theme: string
  bell: boolean
  notify: boolean
  quietHours: string | null
  urgentRisk?: number
}

/** The alerts that the operator chose. */
export function alertsOf({
  env,
  choice,
  who,
}: {
  env: NodeJS.ProcessEnv
  choice?: ConsoleChoice
  who: () => Promise<string>
}): Alerts {
  return {
    bell: choice?.bell ?? true,
    notify: choice?.notify ?? true,
    notification: notificationFor(env),
    quiet: {
      hours: quietHoursOf(env['CLAWDECK_QUIET'] ?? choice?.quietHours),
      urgentRisk: choice?.urgentRisk ?? URGENT_RISK,
    },
    now: Date.now,
    who,
  }
}

/** Shows the number of approvals in the title, and alerts the operator to new ones. */
export class Attention {
  private title = ''
  private readonly known = new Set<string>()
  /** What came in quiet hours. */
  private readonly held = new Set<string>()
  private heldCount = 0
  private readonly write: (bytes: string) => void
  private readonly alerts: Alerts
  private readonly store: ConsoleStore

  constructor(store: ConsoleStore, write: (bytes: string) => void, alerts: Alerts) {
    this.store = store
    this.write = write
    this.alerts = alerts
  }

  /** Looks at what has arrived. A whole world does not alert: the operator has just opened it. */
  seen(frames: readonly WorldFrame[]): void {
    const { world } = this.store.getState()
    this.setTitle(world.waiting.length)
    const fresh = world.waiting.filter((id) => !this.known.has(id))
    for (const id of fresh) this.known.add(id)
    if (this.known.size > 4 * world.waiting.length + 1000) {
      this.known.clear()
      for (const id of world.waiting) this.known.add(id)
    }
    if (frames.some(({ kind }) => kind === 'world')) return
    this.alertTo(fresh)
    for (const frame of frames)
      if (frame.kind === 'delta') for (const event of frame.events) this.hear(event)
    this.endQuiet()
  }

  close(): void {
    this.write('\u001b]0;\u0007')
  }

  private approval(id: string): Approval | undefined {
    return tableOf(this.store.getState().world, 'approval').get(id)
  }

  private alertTo(fresh: readonly string[]): void {
    const { quiet, now } = this.alerts
    const at = now()
    const isHeld = (id: string): boolean =>
      isHeldBack(quiet, this.approval(id)?.risk.score ?? 0, at)
    for (const id of fresh.filter(isHeld)) this.hold(id)
    const loud = fresh.filter((id) => !isHeld(id))
    const [first] = loud.map((id) => this.approval(id))
    if (loud.length === 0) return
    this.ring(
      loud.length > 1 || first === undefined
        ? count(loud.length, 'new approval')
        : `${first.agent} asks: ${first.action.type} ${first.action.target}`,
    )
  }

  /** What is told to consoles, and what nobody answered. */
  private hear(event: DeckEvent): void {
    if (event.type === 'approval.expired') this.expired(event as DeckEvent<'approval.expired'>)
    if (!tells(event)) return
    const { to } = event.body
    const { text } = messageIn(event)
    if (to.includes('console')) this.ring(text)
    else if (to.some((one) => one.startsWith('operator:')))
      this.alerts.who().then(
        (me) => {
          if (to.includes(`operator:${me}`)) this.ring(text)
        },
        () => undefined,
      )
  }

  private expired({ body: { id, note } }: DeckEvent<'approval.expired'>): void {
    const { quiet, now } = this.alerts
    if (note !== NOBODY_DECIDED) return
    const approval = this.approval(id)
    if (isHeldBack(quiet, approval?.risk.score ?? 0, now())) return this.hold(id)
    const what =
      approval === undefined
        ? 'an approval expired'
        : `${approval.agent} asked: ${approval.action.type} ${approval.action.target}`
    this.ring(`Nobody answered: ${what}`)
  }

  private hold(id: string): void {
    if (this.held.has(id)) return
    this.heldCount++
    if (this.held.size < MOST_HELD) this.held.add(id)
  }

  /** Tells what was held back, once quiet hours are over. */
  private endQuiet(): void {
    const { quiet, now } = this.alerts
    if (this.heldCount === 0 || quiet.hours.isQuiet(now())) return
    const states = [...this.held].map((id) => this.approval(id)?.state)
    const summary = {
      asked: this.heldCount,
      waiting: states.filter((state) => state === 'pending').length,
      unanswered: states.filter((state) => state === 'expired').length,
    }
    this.held.clear()
    this.heldCount = 0
    this.ring(summaryText(summary))
  }

  private ring(text: string): void {
    const { bell, notify, notification } = this.alerts
    this.write(`${bell ? '\u0007' : ''}${notify ? notification(text) : ''}`)
  }

  private setTitle(waiting: number): void {
    const title = waiting === 0 ? 'clawdeck' : `(${waiting}) clawdeck`
    if (title === this.title) return
    this.title = title
    this.write(`\u001b]0;${title}\u0007`)
  }
}

/** Approvals that are remembered over quiet hours. More are only counted. */
const MOST_HELD = 500

/** Asks the deck who sits here, when that is first of interest. */
export function whoAsked(me: () => Promise<unknown>): () => Promise<string> {
  let answer: Promise<string> | undefined
  return () => {
    answer ??= me().then((found) => (found as { operator: string }).operator)
    return answer
  }
}
