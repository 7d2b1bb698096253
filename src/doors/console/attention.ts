import { plain } from '../../base/text.ts'
import type { WorldFrame } from '../../commands/wire.ts'
import type { ConsoleStore } from './store/store.ts'

/** `22-7`: from ten at night to seven in the morning nothing rings. Anything else: no quiet hours. */
export function quietHours(text: string | undefined): (hour: number) => boolean {
  const match = /^(\d{1,2})-(\d{1,2})$/.exec(text ?? '')
  if (match === null) return () => false
  const from = Number(match[1])
  const to = Number(match[2])
  return (hour) => from <= to ? hour >= from && hour < to : hour >= from || hour < to
}

/** Calls the operator: the title carries the count, a new approval rings the bell and shows a notification. */
export class Attention {
  private title = ''
  private readonly known = new Set<string>()
  private readonly write: (bytes: string) => void
  private readonly quiet: (hour: number) => boolean
  private readonly store: ConsoleStore

  constructor(store: ConsoleStore, write: (bytes: string) => void, quiet: (hour: number) => boolean) {
    this.store = store
    this.write = write
    this.quiet = quiet
  }

  /** Looks at what has just arrived. What the first whole world holds does not ring: the operator is looking. */
  seen(frames: readonly WorldFrame[]): void {
    const { world } = this.store.getState()
    this.retitle(world.waiting.length)
    const whole = frames.some((f) => f.kind === 'world')
    const fresh = world.waiting.filter((id) => !this.known.has(id))
    for (const id of fresh) this.known.add(id)
    if (this.known.size > 4 * world.waiting.length + 1000) { this.known.clear(); for (const id of world.waiting) this.known.add(id) }
    if (whole || fresh.length === 0 || this.quiet(new Date().getHours())) return
    const first = world.approvals.get(fresh[0] as string)
    const text = fresh.length > 1 || first === undefined ? `${fresh.length} new questions` : `${first.agent} asks: ${first.action.type} ${first.action.target}`
    this.write(`\u0007\u001b]9;${plain(`clawdeck: ${text}`, 120)}\u0007`)
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
