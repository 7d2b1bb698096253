import { plain } from '../../base/text.ts'
import type { WorldFrame } from '../../commands/wire.ts'
import type { ConsoleStore } from './store/store.ts'
import { tableOf } from './store/world.ts'

const HOURS = /^(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/

/** `22:00-07:00`, or `22-7`: from ten at night to seven in the morning nothing rings. Anything else: no quiet hours. The answer takes minutes of the day. */
export function quietHours(text: string | null | undefined): (minute: number) => boolean {
  const match = HOURS.exec(text ?? '')
  if (match === null) return () => false
  const [from, to] = [
    Number(match[1]) * 60 + Number(match[2] ?? 0),
    Number(match[3]) * 60 + Number(match[4] ?? 0),
  ] as const
  return (minute) => (from <= to ? minute >= from && minute < to : minute >= from || minute < to)
}

/** How a new question calls: by a bell, by a notification of the terminal, and when by neither. */
export interface Calling {
  bell: boolean
  notify: boolean
  quiet: (minute: number) => boolean
}

/** What an operator may choose of the console. */
export interface ConsoleChoice {
  theme: string
  bell: boolean
  notify: boolean
  quietHours: string | null
}

/** How new questions call, as the operator chose it. */
export function callingOf({
  env,
  choice,
}: {
  env: NodeJS.ProcessEnv
  choice?: ConsoleChoice
}): Calling {
  return {
    bell: choice?.bell ?? true,
    notify: choice?.notify ?? true,
    quiet: quietHours(env['CLAWDECK_QUIET'] ?? choice?.quietHours),
  }
}

/** Calls the operator: the title carries the count, a new approval rings the bell and shows a notification. */
export class Attention {
  private title = ''
  private readonly known = new Set<string>()
  private readonly write: (bytes: string) => void
  private readonly calling: Calling
  private readonly store: ConsoleStore

  constructor(store: ConsoleStore, write: (bytes: string) => void, calling: Calling) {
    this.store = store
    this.write = write
    this.calling = calling
  }

  /** Looks at what has just arrived. What the first whole world holds does not ring: the operator is looking. */
  seen(frames: readonly WorldFrame[]): void {
    const { world } = this.store.getState()
    this.retitle(world.waiting.length)
    const whole = frames.some((f) => f.kind === 'world')
    const fresh = world.waiting.filter((id) => !this.known.has(id))
    for (const id of fresh) this.known.add(id)
    if (this.known.size > 4 * world.waiting.length + 1000) {
      this.known.clear()
      for (const id of world.waiting) this.known.add(id)
    }
    if (whole || fresh.length === 0 || this.calling.quiet(minuteOfDay(new Date()))) return
    const first = tableOf(world, 'approval').get(fresh[0] as string)
    const text =
      fresh.length > 1 || first === undefined
        ? `${fresh.length} new questions`
        : `${first.agent} asks: ${first.action.type} ${first.action.target}`
    const { bell, notify } = this.calling
    this.write(
      `${bell ? '\u0007' : ''}${notify ? `\u001b]9;${plain(`clawdeck: ${text}`, 120)}\u0007` : ''}`,
    )
  }

  close(): void {
    this.write('\u001b]0;\u0007')
  }

  private retitle(waiting: number): void {
    const title = waiting === 0 ? 'clawdeck' : `(${waiting}) clawdeck`
    if (title === this.title) return
    this.title = title
    this.write(`\u001b]0;${title}\u0007`)
  }
}

function minuteOfDay(at: Date): number {
  return at.getHours() * 60 + at.getMinutes()
}
