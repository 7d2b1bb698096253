import { plain } from '../../base/text.ts'
import type { WorldFrame } from '../../commands/wire.ts'
import type { ConsoleStore } from './store/state.ts'
import { tableOf } from './store/world.ts'

const HOURS = /^(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/

/**
 * Whether a minute of the day is in quiet hours: `22:00-07:00` or `22-7`. Any other text means that
 * there are none.
 */
export function quietHours(text: string | null | undefined): (minute: number) => boolean {
  const match = HOURS.exec(text ?? '')
  if (match === null) return () => false
  const from = Number(match[1]) * 60 + Number(match[2] ?? 0)
  const to = Number(match[3]) * 60 + Number(match[4] ?? 0)
  return from <= to
    ? (minute) => minute >= from && minute < to
    : (minute) => minute >= from || minute < to
}

/** How a new approval alerts the operator, and when it does not. */
interface Alerts {
  bell: boolean
  notify: boolean
  quiet: (minute: number) => boolean
}

/** What an operator can choose of the console. */
export interface ConsoleChoice {
  theme: string
  bell: boolean
  notify: boolean
  quietHours: string | null
}

/** The alerts that the operator chose. */
export function alertsOf({
  env,
  choice,
}: {
  env: NodeJS.ProcessEnv
  choice?: ConsoleChoice
}): Alerts {
  return {
    bell: choice?.bell ?? true,
    notify: choice?.notify ?? true,
    quiet: quietHours(env['CLAWDECK_QUIET'] ?? choice?.quietHours),
  }
}

/** Shows the number of approvals in the title, and alerts the operator to new ones. */
export class Attention {
  private title = ''
  private readonly known = new Set<string>()
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
    if (fresh.length > 0 && frames.every((f) => f.kind !== 'world')) this.alert(fresh)
  }

  close(): void {
    this.write('\u001b]0;\u0007')
  }

  private alert(fresh: readonly string[]): void {
    const { bell, notify, quiet } = this.alerts
    if (quiet(minuteOfDay(new Date()))) return
    const first = tableOf(this.store.getState().world, 'approval').get(fresh[0] as string)
    const text =
      fresh.length > 1 || first === undefined
        ? `${fresh.length} new approvals`
        : `${first.agent} asks: ${first.action.type} ${first.action.target}`
    const notification = `\u001b]9;${plain(`clawdeck: ${text}`, 120)}\u0007`
    this.write(`${bell ? '\u0007' : ''}${notify ? notification : ''}`)
  }

  private setTitle(waiting: number): void {
    const title = waiting === 0 ? 'clawdeck' : `(${waiting}) clawdeck`
    if (title === this.title) return
    this.title = title
    this.write(`\u001b]0;${title}\u0007`)
  }
}

function minuteOfDay(at: Date): number {
  return at.getHours() * 60 + at.getMinutes()
}
